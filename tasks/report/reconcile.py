"""Reconcile: the OMS, the CSVs and easybill's own totals, held against each other to the cent."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from tasks.billing.line_item import LineItem
from tasks.billing.money import Totals
from tasks.billing.wording.speech import IN_ENGLISH, Speech
from tasks.easybill.csv_file import CsvUnreadable
from tasks.report.place_lines import PlacedDraft, PlacedLines


@dataclass(frozen=True, slots=True)
class Amounts:
    """Net and gross, in cents."""

    net_cents: int
    gross_cents: int

    def __str__(self) -> str:
        return self.said_in(IN_ENGLISH)

    def said_in(self, speech: Speech) -> str:
        """Both, in words."""
        net, gross = speech.amount(self.net_cents), speech.amount(self.gross_cents)
        return speech.say("net {net} and gross {gross}", net=net, gross=gross)


@dataclass(frozen=True, slots=True)
class ReconciledRow:
    """One draft on its three sides; None where that side has nothing to read.

    A row of sequence 0 has what is in no draft, though nobody says that it is not invoiced.

    `difference` says in plain words where the sides differ; None: they agree. `explained` says why
    a difference is no fault: the accountant changed the draft, or the customer is among those
    not invoiced.
    """

    customer_number: str
    sequence: int
    oms: Amounts
    csv: Amounts | None
    easybill: Amounts | None
    difference: str | None = None
    explained: str | None = None
    document_id: int | None = None

    def difference_in(self, speech: Speech) -> str:
        """Where the sides differ, in words of that language."""
        if speech.is_english:
            return self.difference or ""
        oms = self.oms.said_in(speech)
        if not self.sequence:
            return speech.say(
                "{amounts} of its services are in no draft: run the month again", amounts=oms
            )
        said = [
            speech.say("the OMS says {amounts}", amounts=oms),
            speech.say("the CSV is missing or cannot be read")
            if self.csv is None
            else speech.say("the CSV {amounts}", amounts=self.csv.said_in(speech)),
        ]
        if self.easybill is not None:
            theirs = self.easybill.said_in(speech)
            said.append(
                speech.say("easybill's draft {id} {amounts}", id=self.document_id, amounts=theirs)
            )
        return ", ".join(said)

    @property
    def is_fault(self) -> bool:
        """Whether the sides differ without a reason."""
        return self.difference is not None and self.explained is None

    def __str__(self) -> str:
        return self.said_in(IN_ENGLISH)

    def said_in(self, speech: Speech) -> str:
        """Whose draft it is, and where the sides differ."""
        say = speech.say
        name = say("customer {number}", number=self.customer_number)
        if self.sequence > 1:
            name += say(", draft {sequence} of the month", sequence=self.sequence)
        if not self.difference:
            return f"{name}: {say('all say {amounts}', amounts=self.oms.said_in(speech))}"
        return f"{name}: {self.difference_in(speech)}"


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A month on its three sides; amounts in cents.

    The OMS's month is what its rows bill, what is not invoiced, and what is in drafts of other
    months. `unread` says why easybill's totals could not be read; None: they were.
    """

    rows: tuple[ReconciledRow, ...]
    not_invoiced_net_cents: int = 0
    in_other_months_net_cents: int = 0
    unread: str | None = None

    @property
    def oms(self) -> Amounts:
        """What the OMS's lines of all drafts come to."""
        return _sum(row.oms for row in self.rows)

    @property
    def csv(self) -> Amounts:
        """What the files come to."""
        return _sum(row.csv for row in self.rows)

    @property
    def easybill(self) -> Amounts:
        """What easybill says that its drafts come to."""
        return _sum(row.easybill for row in self.rows)

    @property
    def differences(self) -> tuple[ReconciledRow, ...]:
        """The rows that differ without a reason."""
        return tuple(row for row in self.rows if row.is_fault)

    @property
    def agrees(self) -> bool:
        """Whether easybill was read, and all sides agree wherever nobody changed them."""
        return self.unread is None and not self.differences


# The amounts of the file at a path; told what is expected of it. Raises CsvUnreadable.
ReadBack = Callable[[str, Amounts], Amounts]


def reconcile(
    placed: PlacedLines, not_invoiced: Collection[str], read_back: ReadBack, unread: str | None
) -> Reconciliation:
    """Hold the three sides of every draft against each other, and see that no line is left over.

    A draft that was deleted in easybill has no sides: its lines are not invoiced.
    """
    rows = [
        _row(draft, placed.lines.get(draft.key, ()), read_back)
        for draft in placed.drafts
        if draft.state != "deleted"
    ]
    rows += _left_over(placed, not_invoiced)
    explained = (
        replace(row, explained=row.explained or "is among those not invoiced")
        if row.difference and row.customer_number in not_invoiced
        else row
        for row in rows
    )
    waiting = (lines for number, lines in placed.open_lines.items() if number in not_invoiced)
    return Reconciliation(
        rows=tuple(sorted(explained, key=lambda row: (row.customer_number, row.sequence))),
        not_invoiced_net_cents=sum(line.net_cents for lines in waiting for line in lines),
        in_other_months_net_cents=sum(line.net_cents for line in placed.in_other_months),
        unread=unread,
    )


def _row(draft: PlacedDraft, lines: Iterable[LineItem], read_back: ReadBack) -> ReconciledRow:
    oms, csv, easybill = _amounts(lines), None, None
    said = [f"the OMS says {oms}"]
    try:
        csv = read_back(draft.csv_path, oms)
        said.append(f"the CSV {csv}")
    except CsvUnreadable as error:
        said.append(str(error))
    if draft.document is not None:
        easybill = Amounts(draft.document.amount_net, draft.document.amount)
        said.append(f"easybill's draft {draft.document_id} {easybill}")
    agree = csv == oms and easybill in (oms, None)
    return ReconciledRow(
        *draft.key,
        oms=oms,
        csv=csv,
        easybill=easybill,
        difference=None if agree else ", ".join(said),
        explained=None if agree else _explained(draft, csv, oms),
        document_id=None if agree else draft.document_id,
    )


def _explained(draft: PlacedDraft, csv: Amounts | None, oms: Amounts) -> str | None:
    if draft.is_accepted:
        return "accepted as it is"
    is_accountants = csv in (oms, None) and draft.state in ("edited", "finalised", "cancelled")
    return f"{draft.state} in easybill" if is_accountants else None


def _left_over(placed: PlacedLines, not_invoiced: Collection[str]) -> Iterator[ReconciledRow]:
    """Lines that are in no draft, of customers that nobody says are not invoiced."""
    for number, lines in placed.open_lines.items():
        if number not in not_invoiced:
            oms = _amounts(lines)
            yield ReconciledRow(
                customer_number=number,
                sequence=0,
                oms=oms,
                csv=None,
                easybill=None,
                difference=f"{oms} of its services are in no draft: run the month again",
            )


def _amounts(lines: Iterable[LineItem]) -> Amounts:
    totals = Totals.of((line.vat_percent, line.net_cents) for line in lines)
    return Amounts(totals.net_cents, totals.gross_cents)


def _sum(sides: Iterable[Amounts | None]) -> Amounts:
    found = [side for side in sides if side is not None]
    return Amounts(sum(side.net_cents for side in found), sum(side.gross_cents for side in found))
