"""What must be true when a story is over, whatever happened in it."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256

from blocks.ledger.records import BilledLine, Export
from blocks.ledger.states import ExportState
from tasks.billing.issue import IssueCode
from tasks.billing.line_item import LineItem, LineKind
from tasks.easybill.draft_status import OUR_REQUEST_LASTS_AT_MOST, external_id_of
from tests.simulation.easybill import SimDocument, totals_cents
from tests.simulation.oms import FEE_LABEL
from tests.simulation.play import Played
from tests.simulation.steps import ClockJumps, RunStarts
from tests.simulation.story import Kind

Position = tuple[str, str, str, str]
# Between our last look at a draft and the write that follows, nobody can keep the accountant out.
RACE_SECONDS = 120.0


def broken(played: Played) -> list[str]:
    """Everything that is not as it must be; empty where all is well."""
    if not played.came_to_rest:
        return ["the quiet runs never came to rest"]
    return [complaint for check in _CHECKS for complaint in check(_View(played))]


class _View:
    """The end of a story, as the checks look at it."""

    def __init__(self, played: Played) -> None:
        self.played = played
        self.stage = played.stage
        self.documents = list(self.stage.easybill.documents.values())
        self.by_external_id: dict[str, list[SimDocument]] = defaultdict(list)
        self.holders: dict[BilledLine, list[SimDocument]] = defaultdict(list)
        for document in self.documents:
            self.by_external_id[document.external_id].append(document)
            for line in _lines(document):
                self.holders[line].append(document)
        self.reasons = {
            addressee: why for run in played.last.values() for addressee, why in run.reasons.items()
        }
        self.codes = {
            addressee: codes
            for run in played.last.values()
            for addressee, codes in run.codes.items()
        }
        self.reported = self.reasons.keys()
        self.exports = list(self.stage.tables.exports.values())

    def is_reported(self, document: SimDocument) -> bool:
        return _addressee(document) in self.reported

    def is_claimed_and_told(
        self, line: BilledLine, elsewhere: tuple[str, str] | None = None
    ) -> bool:
        """Whether the export that holds the line is reported, and is not the one of `elsewhere`."""
        claim = self.stage.tables.claims.get(line)
        return claim is not None and claim[0][:2] in self.reported - {elsewhere}

    def oms_lines(self) -> Iterator[tuple[str, str, LineItem]]:
        """Month, customer and line of everything that the OMS wants billed."""
        for month in self.stage.story.months:
            yield from ((str(month), n, line) for n, line in self.stage.oms.lines(month))


def _every_run_ended(view: _View) -> Iterator[str]:
    for run in view.played.outcomes:
        if run.ending == "under way":
            yield f"{run.name} never ended"
    for run in view.played.last.values():
        if run.ending != "done":
            yield f"the last quiet run of {run.month} ended otherwise: {run.ending}"


def _one_writer(view: _View) -> Iterator[str]:
    """Nobody writes to a month without holding it."""
    yield from view.stage.tables.intrusions


def _no_double(view: _View) -> Iterator[str]:
    """At most one live draft per external id; the two kinds of story must report theirs."""
    for external_id, documents in view.by_external_id.items():
        if len(documents) == 1:
            continue
        if view.stage.story.kind is Kind.USUAL:
            yield f"{len(documents)} documents have {external_id}"
        elif not view.is_reported(documents[0]):
            yield f"{len(documents)} documents have {external_id}, and nobody is told"


def _no_line_twice(view: _View) -> Iterator[str]:
    for line, documents in view.holders.items():
        told = all(view.is_reported(document) for document in documents)
        if len(documents) > 1 and not (told and view.stage.story.kind is not Kind.USUAL):
            yield f"{line} is in {[d.external_id for d in documents]}"


def _everything_billed(view: _View) -> Iterator[str]:
    """Each line of the OMS stands in the draft of its month and customer, or has a reason."""
    for month, number, line in view.oms_lines():
        if (month, number) in view.reported:
            continue
        key = BilledLine(*line.key)
        places = [_addressee(document) for document in view.holders.get(key, [])]
        if not places and not view.is_claimed_and_told(key):
            yield f"{key} of {number}, {month}, is nowhere, and nobody is told"
        elif places and places != [(month, number)] and not set(places) <= view.reported:
            yield f"{key} of {number}, {month}, is in {places}"


def _nothing_else_billed(view: _View) -> Iterator[str]:
    """No draft holds what the OMS does not say, unless that is told."""
    wanted = {(m, n, BilledLine(*line.key)): _said(line) for m, n, line in view.oms_lines()}
    for document in view.documents:
        if view.is_reported(document):
            continue
        for line, said in _lines(document).items():
            expected = wanted.get((*_addressee(document), line))
            if said != expected:
                yield f"{document.external_id} holds {said}, the OMS says {expected}"


def _sums_agree(view: _View) -> Iterator[str]:
    """Net per month and customer: what the OMS says, and what we last wrote to easybill."""
    oms: Counter[tuple[str, str]] = Counter()
    for month, number, line in view.oms_lines():
        oms[month, number] += line.net_cents
    drafts: Counter[tuple[str, str]] = Counter()
    for document in view.documents:
        drafts[_addressee(document)] += totals_cents(_items(document))[0]
    moved = {
        (month, number)
        for month, number, line in view.oms_lines()
        if view.is_claimed_and_told(BilledLine(*line.key))
    }
    for addressee in (oms.keys() | drafts.keys()) - view.reported - moved:
        if oms[addressee] != drafts[addressee]:
            yield f"{addressee}: OMS {oms[addressee]} cents, drafts {drafts[addressee]}"


def _ledger_and_easybill_agree(view: _View) -> Iterator[str]:
    by_document = {export.document_id: export for export in view.exports}
    for document in view.documents:
        if view.is_reported(document):
            continue
        export = by_document.get(document.id)
        if export is None:
            yield f"the ledger knows nothing of {document.external_id} ({document.id})"
        else:
            yield from _agree(view, export, document)
    for export in view.exports:
        is_told = (export.month, export.customer_number) in view.reported
        if export.document_id is not None and not is_told:
            if export.document_id not in view.stage.easybill.documents:
                yield f"{external_id_of(export)} is said to be {export.document_id}, which is gone"
            if export.state != ExportState.DELIVERED:
                yield f"{external_id_of(export)} is still {export.state}"


def _agree(view: _View, export: Export, document: SimDocument) -> Iterator[str]:
    name = document.external_id
    if name != external_id_of(export):
        yield f"{external_id_of(export)} is said to be {document.id}, which bears {name}"
    held = {line for line, (key, _) in view.stage.tables.claims.items() if key == _key(export)}
    if held != _lines(document).keys():
        yield f"{name}: the ledger holds {sorted(held)}, the draft {sorted(_lines(document))}"
    if totals_cents(_items(document)) != (export.net_cents, export.gross_cents):
        yield f"{name}: the ledger says {export.net_cents} cents, the draft something else"
    attached = view.stage.easybill.attached(document.id)
    if [a.id for a in attached] != [export.attachment_id]:
        yield f"{name}: attached are {[a.id for a in attached]}, not {export.attachment_id}"
    elif sha256(attached[0].content).hexdigest() != export.csv_sha256:
        yield f"{name}: the attached CSV is not the one in the ledger"


def _no_orphans(view: _View) -> Iterator[str]:
    """No file of ours hangs on nothing, unless its customer waits for something."""
    for attachment in view.stage.easybill.attachments.values():
        month, number = attachment.file_name[:7], attachment.file_name[8:].rsplit("-", 1)[0]
        if attachment.document_id is None and (month, number) not in view.reported:
            yield f"attachment {attachment.id} ({attachment.file_name}) is an orphan"


def _log_complete(view: _View) -> Iterator[str]:
    """A row for each request whose sender was alive, with a ledger, to write it."""
    attempts = view.stage.wire.attempts
    sent = Counter((a.sender, a.method, a.path) for a in attempts if a.is_in_log)
    rows = Counter((c.flow_run_id, c.method, c.path) for c in view.stage.tables.calls)
    excused = view.stage.ledger_failed | {p.name for p in view.stage.processes if p.was_killed}
    for attempt in attempts:
        if not attempt.is_in_log and attempt.sender not in excused:
            yield f"{attempt.method} {attempt.path} of {attempt.sender} is in no log"
    for request, count in sent.items():
        if rows[request] < count:
            yield f"{request} was sent {count} times, logged {rows[request]} times"


def _nothing_overwritten(view: _View) -> Iterator[str]:
    for seconds, act in view.stage.easybill.overwritten:
        if seconds > RACE_SECONDS and view.stage.story.kind is Kind.USUAL:
            yield f"we wrote over what the accountant did {seconds:.0f} s before ({act})"


def _every_reason_is_justified(view: _View) -> Iterator[str]:
    """A customer is reported only where people or rows gave cause for it."""
    stage = view.stage
    acted = {_addressee_of(external_id) for external_id in stage.easybill.acted}
    unsound = {
        stage.oms.services[i].customer_number for i in stage.oms.broken & stage.oms.services.keys()
    }
    wanted = {
        (month, number)
        for month, number, line in view.oms_lines()
        if not view.is_claimed_and_told(BilledLine(*line.key), elsewhere=(month, number))
    }
    # Whose clock is wrong, or who slept while an update was out, can't tell the update from an edit
    # and leaves it to people.
    has_wrong_clock = any(
        isinstance(step, ClockJumps) or _sleeps(step) for step in stage.story.steps
    )
    for month, number in view.reported - acted:
        is_empty = (month, number) not in wanted
        if number not in unsound and not is_empty and stage.story.kind is Kind.USUAL:
            reason = view.reasons[month, number]
            if has_wrong_clock and IssueCode.DRAFT_EDITED in view.codes.get((month, number), ()):
                continue
            yield f"{number}, {month}, is reported without cause: {reason}"


def _no_false_alarm(view: _View) -> Iterator[str]:
    """OMS, CSVs and easybill agree to the cent after every run, whatever befell it.

    Whoever changes a draft in the very second in which we wrote it shows in nothing but its cents.
    The file of an update that was never sent is told once, and built again.
    """
    acted = {_addressee_of(external_id) for external_id in view.stage.easybill.acted}
    last = list(view.played.last.values())
    for run in (*view.played.outcomes, *last):
        for addressee, row in run.differences.items():
            is_left_file = row.csv not in (row.oms, None) and row.easybill == row.oms
            if addressee in acted or (is_left_file and run not in last):
                continue
            if view.stage.story.kind is Kind.USUAL:
                yield f"{run.name} of {run.month} raises a false alarm: {row}"


_CHECKS = (
    _every_run_ended,
    _one_writer,
    _no_double,
    _no_line_twice,
    _everything_billed,
    _nothing_else_billed,
    _sums_agree,
    _ledger_and_easybill_agree,
    _no_orphans,
    _log_complete,
    _nothing_overwritten,
    _every_reason_is_justified,
    _no_false_alarm,
)


def _key(export: Export) -> tuple[str, str, int]:
    return (export.month, export.customer_number, export.sequence)


def _addressee(document: SimDocument) -> tuple[str, str]:
    return _addressee_of(document.external_id)


def _addressee_of(external_id: str) -> tuple[str, str]:
    _, month, number, *_ = external_id.split(":")
    return month, number


def _items(document: SimDocument) -> list[dict[str, object]]:
    items = document.ours["items"]
    return list(items) if isinstance(items, list) else []


def _lines(document: SimDocument) -> dict[BilledLine, Position]:
    """What we last wrote into the draft, by line."""
    return {_line(item): _position(item) for item in _items(document)}


def _line(item: dict[str, object]) -> BilledLine:
    is_fee = str(item["description"]).startswith(FEE_LABEL)
    kind = LineKind.CANCELLATION_FEE if is_fee else LineKind.SERVICE
    return BilledLine(str(item["number"]), kind.value)


def _position(item: dict[str, object]) -> Position:
    prices = ("quantity", "single_price_net", "vat_percent")
    quantity, cents, vat_percent = (_short(Decimal(str(item[name]))) for name in prices)
    return str(item["description"]), quantity, cents, vat_percent


def _said(line: LineItem) -> Position:
    cents = line.unit_price_net * 100
    return line.title, _short(line.quantity), _short(cents), _short(line.vat_percent)


def _short(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _sleeps(step: object) -> bool:
    return (
        isinstance(step, RunStarts)
        and step.mishaps.pauses_at > 0
        and (step.mishaps.pause_seconds > OUR_REQUEST_LASTS_AT_MOST.total_seconds())
    )
