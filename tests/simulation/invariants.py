"""What must be true when a story is over, whatever happened in it."""

from collections import Counter
from collections.abc import Iterator
from hashlib import sha256

from blocks.ledger.records import BilledLine, Export
from blocks.ledger.states import ExportState
from tasks.easybill.draft_status import external_id_of
from tests.simulation.documents import SimDocument
from tests.simulation.easybill import totals_cents
from tests.simulation.justified import every_reason_is_justified, no_false_alarm
from tests.simulation.ledger_tables import key_of
from tests.simulation.play import Played
from tests.simulation.story import Kind
from tests.simulation.view import (
    RACE_SECONDS,
    View,
    addressee_of,
    addressee_of_document,
    items_of,
    lines_in,
    position_of,
)


def broken(played: Played) -> list[str]:
    """Everything that is not as it must be; empty where all is well."""
    return [complaint for complaints in broken_rules(played).values() for complaint in complaints]


def broken_rules(played: Played) -> dict[str, list[str]]:
    """The complaints by the rule that is broken."""
    if not played.came_to_rest:
        return {"comes to rest": ["the quiet runs never came to rest"]}
    view = View(played)
    found = {check.__name__.strip("_"): list(check(view)) for check in _CHECKS}
    return {rule: complaints for rule, complaints in found.items() if complaints}


def _every_run_ended(view: View) -> Iterator[str]:
    for run in view.played.outcomes:
        if run.ending == "under way":
            yield f"{run.name} never ended"
    for run in view.played.last.values():
        if run.ending != "done":
            yield f"the last quiet run of {run.month} ended otherwise: {run.ending}"


def _one_writer(view: View) -> Iterator[str]:
    """Nobody writes to a month without holding it."""
    yield from view.stage.tables.intrusions


def _no_double(view: View) -> Iterator[str]:
    """At most one live draft per external id; the two kinds of story must report theirs."""
    for external_id, found in view.by_external_id.items():
        documents = [d for d in found if not view.is_asked_again(d)]
        if len(documents) <= 1:
            continue
        if view.stage.story.kind is Kind.USUAL:
            yield f"{len(documents)} documents have {external_id}"
        elif not view.is_reported(documents[0]):
            yield f"{len(documents)} documents have {external_id}, and nobody is told"


def _no_line_twice(view: View) -> Iterator[str]:
    """Each line is in one document, beside those that were cancelled and are billed again."""
    for line, holders in view.holders.items():
        documents = [d for d in holders if not view.is_asked_again(d)]
        told = all(view.is_reported(document) for document in documents)
        if len(documents) > 1 and not (told and view.stage.story.kind is not Kind.USUAL):
            yield f"{line} is in {[d.external_id for d in documents]}"


def _nothing_freed_by_itself(view: View) -> Iterator[str]:
    """What an invoice bills stays with it until it is cancelled, and somebody asks for it.

    In the two kinds of story that can have doubles, people cancel one of these, too; a double that
    appeared after its month's run and was cancelled before the next one is in no ledger.
    """
    documents = view.stage.easybill.documents
    for export in view.exports:
        document = documents.get(export.document_id or 0)
        is_freed = export.released_at is not None
        if is_freed and document is not None and not view.is_asked_again(document):
            yield f"{external_id_of(export)} was freed, and nobody asked for it"
    has_doubles = view.stage.story.kind is not Kind.USUAL
    known = {export.document_id for export in view.exports}
    for document in view.all_documents:
        if document.cancel_id is None or view.is_asked_again(document):
            continue
        if has_doubles and document.id not in known:
            continue
        for line in lines_in(document).keys() & view.holders.keys():
            others = [
                d.external_id
                for d in view.holders[line]
                if d is not document and not (has_doubles and d.external_id == document.external_id)
            ]
            if others:
                yield f"{line} of the cancelled {document.external_id} is in {others}, too"


def _everything_billed(view: View) -> Iterator[str]:
    """Each line of the OMS is in the draft of its month and customer, or has a reason."""
    for month, number, line in view.oms_lines():
        if (month, number) in view.reported:
            continue
        key = BilledLine(*line.key)
        places = [addressee_of_document(document) for document in view.holders.get(key, [])]
        if not places and not view.is_claimed_and_told(key):
            yield f"{key} of {number}, {month}, is nowhere, and nobody is told"
        elif places and places != [(month, number)] and not set(places) <= view.reported:
            yield f"{key} of {number}, {month}, is in {places}"


def _nothing_else_billed(view: View) -> Iterator[str]:
    """No draft holds what the OMS does not say, unless that is told."""
    wanted = {(m, n, BilledLine(*line.key)): position_of(line) for m, n, line in view.oms_lines()}
    for document in view.documents:
        if view.is_reported(document) or view.is_half_sent(document):
            continue
        for line, said in lines_in(document).items():
            expected = wanted.get((*addressee_of_document(document), line))
            if said != expected:
                yield f"{document.external_id} holds {said}, the OMS says {expected}"


def _sums_agree(view: View) -> Iterator[str]:
    """Net per month and customer: what the OMS says, and what we last wrote to easybill."""
    oms: Counter[tuple[str, str]] = Counter()
    for month, number, line in view.oms_lines():
        oms[month, number] += line.net_cents
    drafts: Counter[tuple[str, str]] = Counter()
    for document in view.documents:
        drafts[addressee_of_document(document)] += totals_cents(items_of(document))[0]
    moved = {
        (month, number)
        for month, number, line in view.oms_lines()
        if view.is_claimed_and_told(BilledLine(*line.key))
    }
    half_sent = {addressee_of_document(d) for d in view.documents if view.is_half_sent(d)}
    told = view.reported | (half_sent & view.differing)
    for addressee in (oms.keys() | drafts.keys()) - told - moved:
        if oms[addressee] != drafts[addressee]:
            yield f"{addressee}: OMS {oms[addressee]} cents, drafts {drafts[addressee]}"


def _ledger_and_easybill_agree(view: View) -> Iterator[str]:
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


def _agree(view: View, export: Export, document: SimDocument) -> Iterator[str]:
    name = document.external_id
    if name != external_id_of(export):
        yield f"{external_id_of(export)} is said to be {document.id}, which bears {name}"
    held = {line for line, (key, _) in view.stage.tables.claims.items() if key == key_of(export)}
    if held != lines_in(document).keys() and not view.is_half_sent(document):
        yield f"{name}: the ledger holds {sorted(held)}, the draft {sorted(lines_in(document))}"
    shown = view.stage.easybill.view(document)  # It may round otherwise.
    sums = (totals_cents(items_of(document)), (shown.amount_net, shown.amount))
    is_later = view.ledger_went_back and name in view.stage.easybill.acted
    if (export.net_cents, export.gross_cents) not in sums and not is_later:
        yield f"{name}: the ledger says {export.net_cents} cents, the draft something else"
    attached = view.stage.easybill.attached(document.id)
    ours = [
        a
        for a in attached
        if a.id == export.attachment_id
        or not (view.keeps_files or a.created_at_s <= view.forgotten_until_s)
    ]
    if [a.id for a in ours] != [id_ for id_ in (export.attachment_id,) if id_ is not None]:
        yield f"{name}: attached are {[a.id for a in attached]}, not {export.attachment_id}"
    elif ours and not _is_file_of(view, export, ours[0].content):
        yield f"{name}: the attached CSV is not the one in the ledger"


def _is_file_of(view: View, export: Export, content: bytes) -> bool:
    """Whether it is the file in the ledger, which may say nothing of one that was taken in."""
    is_unread = export.csv_sha256 is None and view.ledger_went_back
    return is_unread or sha256(content).hexdigest() == export.csv_sha256


def _changed_invoices_are_told(view: View) -> Iterator[str]:
    """Where we changed what was finalised meanwhile, people have to know.

    A deletion leaves nothing that could tell of it.
    """
    for external_id in view.stage.easybill.changed_invoices:
        if addressee_of(external_id) not in view.reported:
            yield f"{external_id} was changed after it was finalised, and nobody is told"


def _no_customer_twice(view: View) -> Iterator[str]:
    """A customer that we create is created once."""
    numbers = Counter(customer.number for customer in view.stage.easybill.customers.values())
    for number, count in numbers.items():
        if count > 1 and view.stage.story.kind is Kind.USUAL:
            yield f"{number} is in easybill {count} times"


def _no_orphans(view: View) -> Iterator[str]:
    """No file of ours hangs on nothing, unless its customer waits for something.

    What was sent before the ledger went back is in no ledger, and harms nobody.
    """
    files = view.stage.easybill.attachments.values()
    for attachment in () if view.keeps_files else files:
        month, number = attachment.file_name[:7], attachment.file_name[8:].rsplit("-", 1)[0]
        if attachment.created_at_s <= view.files_forgotten_until_s:
            continue
        if attachment.document_id is None and (month, number) not in view.reported:
            yield f"attachment {attachment.id} ({attachment.file_name}) is an orphan"


def _log_complete(view: View) -> Iterator[str]:
    """A row for each request whose sender was alive, with a ledger, to write it."""
    if view.ledger_went_back:
        return
    attempts = view.stage.wire.attempts
    sent = Counter((a.sender, a.method, a.path) for a in attempts if a.is_in_log)
    rows = Counter((c.flow_run_id, c.method, c.path) for c in view.stage.tables.calls)
    killed = {p.name for p in view.stage.processes if p.was_killed}
    excused = view.stage.ledger_failed | killed
    for waiting in view.stage.tables.unlogged:
        writes = [call.method for call in waiting if call.method in ("POST", "PUT")]
        if len(writes) > 1:
            yield f"{writes} of one customer were not logged before the next one"
        rows.update((c.flow_run_id, c.method, c.path) for c in waiting if c.flow_run_id in excused)
    for attempt in attempts:
        if not attempt.is_in_log and attempt.sender not in excused:
            yield f"{attempt.method} {attempt.path} of {attempt.sender} is in no log"
    for request, count in sent.items():
        if rows[request] < count:
            yield f"{request} was sent {count} times, logged {rows[request]} times"


def _nothing_overwritten(view: View) -> Iterator[str]:
    for seconds, act in view.stage.easybill.overwritten:
        if seconds > RACE_SECONDS and view.stage.story.kind is Kind.USUAL:
            yield f"we wrote over what the accountant did {seconds:.0f} s before ({act})"


_CHECKS = (
    _every_run_ended,
    _one_writer,
    _no_double,
    _no_line_twice,
    _nothing_freed_by_itself,
    _everything_billed,
    _nothing_else_billed,
    _sums_agree,
    _ledger_and_easybill_agree,
    _changed_invoices_are_told,
    _no_customer_twice,
    _no_orphans,
    _log_complete,
    _nothing_overwritten,
    every_reason_is_justified,
    no_false_alarm,
)
