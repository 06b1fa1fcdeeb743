"""The end of a story, as the checks look at it."""

import json
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from blocks.ledger.records import BilledLine
from tasks.billing.line_item import LineItem, LineKind
from tests.simulation.documents import SimDocument
from tests.simulation.faults import LATEST_SECONDS
from tests.simulation.oms import FEE_LABEL
from tests.simulation.play import Played
from tests.simulation.steps import RunStarts

Position = tuple[str, str, str, str]
# Between our last look at a draft and the write that follows, nobody can keep the accountant out.
RACE_SECONDS = 120.0


class View:
    """The end of a story, as the checks look at it."""

    def __init__(self, played: Played) -> None:
        self.played = played
        self.stage = played.stage
        self.exports = list(self.stage.tables.exports.values())
        self.all_documents = list(self.stage.easybill.documents.values())
        self.documents = [document for document in self.all_documents if self._bills(document)]
        self.keeps_files = "DELETE /attachments" in {c for c, *_ in self.stage.easybill.for_good}
        self.by_external_id: dict[str, list[SimDocument]] = defaultdict(list)
        self.holders: dict[BilledLine, list[SimDocument]] = defaultdict(list)
        for document in self.documents:
            self.by_external_id[document.external_id].append(document)
            for line in lines_in(document):
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
        self.differing = {key for run in played.last.values() for key in run.differing}
        went_back_at = self.stage.ledger_went_back_at
        # What was sent before shows a little later, too.
        self.forgotten_until_s = -1.0 if went_back_at is None else went_back_at + RACE_SECONDS
        # A lost upload is looked for by who sent it, and here nobody knows of it any more.
        self.files_forgotten_until_s = (
            -1.0 if went_back_at is None else self.forgotten_until_s + LATEST_SECONDS
        )
        self.known_before = {
            addressee_of(external_id)
            for at, external_id in self.stage.easybill.created
            if at <= self.forgotten_until_s
        }

    @property
    def ledger_went_back(self) -> bool:
        """Whether the ledger was lost, or put back to an older copy."""
        return self.stage.ledger_went_back_at is not None

    def _bills(self, document: SimDocument) -> bool:
        """Whether it is to hold its lines: what was cancelled does as long as nobody frees them."""
        exports = (e for e in self.exports if e.document_id == document.id)
        return document.cancel_id is None or any(e.released_at is None for e in exports)

    def is_asked_again(self, document: SimDocument) -> bool:
        """Whether its lines may be in a further document: it was cancelled, and a run had to.

        A ledger that went back knows nothing of a cancelled invoice.
        """
        if document.cancel_id is None:
            return False
        month, number = addressee_of_document(document)
        is_asked = any(
            isinstance(step, RunStarts)
            and step.bill_again
            and step.month == month
            and (step.customers is None or number in step.customers)
            for step in self.stage.story.steps
        )
        return is_asked or (month, number) in self.known_before

    def is_reported(self, document: SimDocument) -> bool:
        return addressee_of_document(document) in self.reported

    def is_claimed_and_told(
        self, line: BilledLine, elsewhere: tuple[str, str] | None = None
    ) -> bool:
        """Whether the export that holds the line is reported, and is not the one of `elsewhere`."""
        claim = self.stage.tables.claims.get(line)
        return claim is not None and claim[0][:2] in self.reported - {elsewhere}

    def is_half_sent(self, document: SimDocument) -> bool:
        """Whether the file of its last update never came to it, and no ledger knows of that.

        What the OMS says no more is then like what the accountant wrote: only sums tell of it.
        """
        attached = self.stage.easybill.attached(document.id)
        before = [a for a in attached if a.created_at_s <= self.forgotten_until_s]
        named = {name for a in before for name in json.loads(a.content)["service_id"]}
        held = {line.service_id for line in lines_in(document)}
        return self.ledger_went_back and not held <= named

    def oms_lines(self) -> Iterator[tuple[str, str, LineItem]]:
        """Month, customer and line of everything that the OMS wants billed."""
        for month in self.stage.story.months:
            yield from ((str(month), n, line) for n, line in self.stage.oms.lines(month))


def addressee_of_document(document: SimDocument) -> tuple[str, str]:
    """Month and customer number of the document."""
    return addressee_of(document.external_id)


def addressee_of(external_id: str) -> tuple[str, str]:
    """Month and customer number in an external id of ours."""
    _, month, number, *_ = external_id.split(":")
    return month, number


def items_of(document: SimDocument) -> list[dict[str, object]]:
    """Its positions as we last wrote them."""
    items = document.ours["items"]
    return list(items) if isinstance(items, list) else []


def lines_in(document: SimDocument) -> dict[BilledLine, Position]:
    """What we last wrote into the draft, by line."""
    return {_line(item): _position(item) for item in items_of(document)}


def _line(item: dict[str, object]) -> BilledLine:
    is_fee = str(item["description"]).startswith(FEE_LABEL)
    kind = LineKind.CANCELLATION_FEE if is_fee else LineKind.SERVICE
    return BilledLine(str(item["number"]), kind.value)


def _position(item: dict[str, object]) -> Position:
    prices = ("quantity", "single_price_net", "vat_percent")
    quantity, cents, vat_percent = (_short(Decimal(str(item[name]))) for name in prices)
    return str(item["description"]), quantity, cents, vat_percent


def position_of(line: LineItem) -> Position:
    """What the position of the line has to say."""
    cents = line.unit_price_net * 100
    return line.title, _short(line.quantity), _short(cents), _short(line.vat_percent)


def _short(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
