"""Decide: what will be done for each customer, before anything is done."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from blocks.easybill.models import Document
from blocks.ledger.ledger import BilledLine, Claim, Export
from blocks.ledger.states import ExportState
from tasks.billing.invoice import Invoice, contradictions
from tasks.billing.line_item import LineItem
from tasks.billing.month import BillingMonth
from tasks.easybill.digest import content_digest, line_digest
from tasks.easybill.draft_status import DraftStatus, name_documents, status_of
from tasks.load.month_of_services import MonthOfServices

DocumentsOf = Callable[[Export], Sequence[Document]]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A draft that does not hold what the OMS says, and that is not ours to change."""

    export: Export
    reason: str


@dataclass(frozen=True, slots=True)
class MonthPlan:
    """What a run will do: invoices to send, customers that are done, empty or refused.

    `unchanged` are invoices whose drafts say what the OMS says: there is nothing to send.
    """

    month: BillingMonth
    invoices: tuple[Invoice, ...]
    delivered: tuple[str, ...]
    skipped: tuple[str, ...]
    refusals: Mapping[str, tuple[str, ...]]
    conflicts: tuple[Conflict, ...] = ()
    unchanged: tuple[Invoice, ...] = ()

    def only(self, wanted: Collection[str], in_oms: Collection[str]) -> "MonthPlan":
        """The plan for these customers; one that the OMS does not know is refused."""
        plan = self._of(lambda number: number in wanted)
        unknown = sorted(set(wanted) - set(in_oms) - plan.refusals.keys())
        refused = {n: (f"customer {n} is not in the OMS: check the number",) for n in unknown}
        return replace(plan, refusals={**plan.refusals, **refused})

    def without(self, customers: Collection[str]) -> "MonthPlan":
        """The plan for all other customers."""
        return self._of(lambda number: number not in customers)

    def _of(self, is_wanted: Callable[[str], bool]) -> "MonthPlan":
        return MonthPlan(
            month=self.month,
            invoices=tuple(i for i in self.invoices if is_wanted(i.customer.customer_number)),
            delivered=tuple(filter(is_wanted, self.delivered)),
            skipped=tuple(filter(is_wanted, self.skipped)),
            refusals={number: why for number, why in self.refusals.items() if is_wanted(number)},
            conflicts=tuple(c for c in self.conflicts if is_wanted(c.export.customer_number)),
            unchanged=tuple(i for i in self.unchanged if is_wanted(i.customer.customer_number)),
        )


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger and easybill know of the month.

    `exports` are the month's, after those in doubt were looked up; `claims` all lines that its
    exports hold, and all lines of the OMS's month that any export holds.
    """

    exports: Iterable[Export]
    claims: Mapping[BilledLine, Claim]
    documents: DocumentsOf


def billed_line(line: LineItem) -> BilledLine:
    """The line's key in the ledger."""
    return BilledLine(*line.key)


def decide(loaded: MonthOfServices, known: Known) -> MonthPlan:
    """Plan the month from what the OMS holds, what the ledger knows and how drafts stand.

    What stands in no draft goes into the customer's last draft while that is untouched, else into
    a further one. An untouched draft follows the OMS; any other is left as it is, and reported
    where it differs.
    """
    exports: dict[str, list[Export]] = defaultdict(list)
    for export in known.exports:
        exports[export.customer_number].append(export)
    held: dict[int, dict[BilledLine, str]] = defaultdict(dict)
    for line, claim in known.claims.items():
        held[claim.export.id][line] = claim.line_sha256 or ""
    drafted = {n for n, theirs in exports.items() if any(map(_has_draft, theirs))}
    invoices: list[Invoice] = []
    conflicts: list[Conflict] = []
    unchanged: list[Invoice] = []
    delivered: list[str] = []
    refusals = dict(loaded.refusals)
    for number in sorted((loaded.lines.keys() | drafted) - refusals.keys()):
        customer = _CustomerMonth(loaded, number, exports[number], known, held)
        customer.decide()
        conflicts += customer.conflicts
        unchanged += customer.unchanged
        if reasons := [why for invoice in customer.invoices for why in contradictions(invoice)]:
            refusals[number] = tuple(reasons)
        else:
            invoices += customer.invoices
            if not customer.invoices and not customer.conflicts:
                delivered.append(number)
    done = loaded.lines.keys() | drafted | refusals.keys()
    return MonthPlan(
        month=loaded.month,
        invoices=tuple(invoices),
        delivered=tuple(delivered),
        skipped=tuple(sorted(loaded.customers.keys() - done)),
        refusals=refusals,
        conflicts=tuple(conflicts),
        unchanged=tuple(unchanged),
    )


def _has_draft(export: Export) -> bool:
    return export.document_id is not None


@dataclass(slots=True)
class _CustomerMonth:
    """One customer's month while it is being decided."""

    loaded: MonthOfServices
    number: str
    exports: Sequence[Export]
    known: Known
    held: Mapping[int, Mapping[BilledLine, str]]
    invoices: list[Invoice] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    unchanged: list[Invoice] = field(default_factory=list)

    def decide(self) -> None:
        lines = self.loaded.lines.get(self.number, ())
        drafts = sorted(filter(_has_draft, self.exports), key=lambda export: export.sequence)
        disputed = [e for e in self.exports if e.state == ExportState.CONFLICT]
        if disputed:
            self.conflicts += [Conflict(e, e.error or "conflict") for e in disputed]
            return
        fresh = [line for line in lines if not self._stands_in_a_draft(line)]
        for export in drafts:
            if self._follow(export, lines, fresh if export is drafts[-1] else []):
                fresh = []
        if fresh and not any(map(self._is_gone, drafts)):
            sequence = max((export.sequence for export in drafts), default=0) + 1
            self.invoices.append(self._invoice(fresh, sequence))

    def _follow(self, export: Export, lines: Sequence[LineItem], fresh: Sequence[LineItem]) -> bool:
        """Let the export's draft follow the OMS; whether the fresh lines go into it."""
        held = self.held.get(export.id, {})
        kept = [line for line in lines if billed_line(line) in held]
        status = status_of(export, self.known.documents(export))
        if reason := self._no_longer_ours(export, status):
            self.conflicts.append(Conflict(export, reason))
            return False
        if status is DraftStatus.TOUCHED and not export.update_planned:
            if reason := _differences(export, kept, held):
                self.conflicts.append(Conflict(export, reason))
            elif kept:
                self._is_unchanged(export, self._invoice(kept, export.sequence))
            return False
        wanted = [*kept, *fresh]
        if not wanted:
            self.conflicts.append(Conflict(export, _nothing_left(export)))
            return False
        invoice = self._invoice(wanted, export.sequence)
        if not self._is_unchanged(export, invoice):
            self.invoices.append(invoice)
        return bool(fresh)

    def _is_unchanged(self, export: Export, invoice: Invoice) -> bool:
        """Whether the export's draft and file were made of just this."""
        digest = content_digest(invoice)
        is_unchanged = not export.update_planned and export.content_sha256 == digest
        if is_unchanged:
            self.unchanged.append(invoice)
        return is_unchanged

    def _no_longer_ours(self, export: Export, status: DraftStatus) -> str | None:
        if status is DraftStatus.GONE:
            return (
                f"draft {export.document_id} was deleted in easybill; run the month with"
                " recreate_deleted to bill its services again"
            )
        if status is DraftStatus.DUPLICATED:
            ids = name_documents(self.known.documents(export))
            return f"documents {ids} bear the same external id in easybill: delete all but one"
        return None

    def _is_gone(self, export: Export) -> bool:
        return status_of(export, self.known.documents(export)) is DraftStatus.GONE

    def _stands_in_a_draft(self, line: LineItem) -> bool:
        claim = self.known.claims.get(billed_line(line))
        return claim is not None and _has_draft(claim.export)

    def _invoice(self, lines: Iterable[LineItem], sequence: int) -> Invoice:
        customer = self.loaded.customers[self.number]
        return Invoice.of(self.loaded.month, customer, lines, sequence)


def _differences(
    export: Export, kept: Sequence[LineItem], held: Mapping[BilledLine, str]
) -> str | None:
    """What the OMS says otherwise than a draft that is no longer ours to change."""
    found = {billed_line(line): line_digest(line) for line in kept}
    changed = sorted({k.service_id for k, digest in found.items() if held[k] != digest})
    vanished = sorted({key.service_id for key in held.keys() - found.keys()})
    said = []
    if changed:
        said.append(f"services {', '.join(changed)} changed")
    if vanished:
        said.append(f"services {', '.join(vanished)} are gone")
    if not said:
        return None
    return (
        f"in the OMS {' and '.join(said)} since draft {export.document_id}, which was edited or"
        " finalised since: correct it in easybill, or the OMS"
    )


def _nothing_left(export: Export) -> str:
    return (
        f"in the OMS nothing is left of what draft {export.document_id} bills: withdraw it with"
        " the flow withdraw-month, or mend the OMS"
    )
