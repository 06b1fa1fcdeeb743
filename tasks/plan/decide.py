"""Decide: what will be done for each customer, before anything is done."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from blocks.ledger.ledger import ACCEPTED, BilledLine, Claim, Export
from blocks.ledger.states import ExportState
from tasks.billing.digest import line_digest
from tasks.billing.draft_status import DraftStatus
from tasks.billing.invoice import Invoice, contradictions
from tasks.billing.issue import Fact, Issue, IssueCode
from tasks.billing.line_item import LineItem
from tasks.billing.month import BillingMonth
from tasks.load.billed_line import billed_line
from tasks.load.month_of_services import MonthOfServices
from tasks.plan.kept_issue import kept_issue


@dataclass(frozen=True, slots=True)
class MonthPlan:
    """What a run will do: invoices to send, customers that are done, empty or refused.

    `unchanged` are invoices whose drafts say what the OMS says: there is nothing to send.
    `conflicts` are drafts that differ from the OMS and are not ours to change.
    """

    month: BillingMonth
    invoices: tuple[Invoice, ...]
    delivered: tuple[str, ...]
    skipped: tuple[str, ...]
    refused: Mapping[str, tuple[Issue, ...]]
    conflicts: tuple[Issue, ...] = ()
    unchanged: tuple[Invoice, ...] = ()

    def only(self, wanted: Collection[str], in_oms: Collection[str]) -> "MonthPlan":
        """The plan for these customers; one that the OMS does not know is refused."""
        plan = self._of(lambda number: number in wanted)
        unknown = sorted(set(wanted) - set(in_oms) - plan.refused.keys())
        month, code = str(self.month), IssueCode.CUSTOMER_UNKNOWN
        refused = {number: (Issue(code, number, month),) for number in unknown}
        return replace(plan, refused={**plan.refused, **refused})

    def without(self, customers: Collection[str]) -> "MonthPlan":
        """The plan for all other customers."""
        return self._of(lambda number: number not in customers)

    def _of(self, is_wanted: Callable[[str], bool]) -> "MonthPlan":
        return MonthPlan(
            month=self.month,
            invoices=tuple(i for i in self.invoices if is_wanted(i.customer.customer_number)),
            delivered=tuple(filter(is_wanted, self.delivered)),
            skipped=tuple(filter(is_wanted, self.skipped)),
            refused={number: why for number, why in self.refused.items() if is_wanted(number)},
            conflicts=tuple(c for c in self.conflicts if is_wanted(c.customer_number or "")),
            unchanged=tuple(i for i in self.unchanged if is_wanted(i.customer.customer_number)),
        )


class Drafts(Protocol):
    """What became of drafts in easybill."""

    def status_of(self, export: Export) -> DraftStatus:
        """What became of the export's draft."""
        ...

    def ids_of(self, export: Export) -> list[str]:
        """The ids of all documents that have the export's external id."""
        ...

    def bills(self, export: Export, invoice: Invoice) -> bool:
        """Whether the draft and its file were made of just this invoice."""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger and easybill know of the month.

    `exports` are the month's, after those in doubt were looked up; `claims` all lines that its
    exports hold, and all lines of the OMS's month that any export holds.
    """

    exports: Iterable[Export]
    claims: Mapping[BilledLine, Claim]
    drafts: Drafts


def decide(loaded: MonthOfServices, known: Known) -> MonthPlan:
    """Plan the month from what the OMS holds, what the ledger knows and how drafts are.

    What is in no draft goes into the customer's last draft while that is untouched, else into
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
    conflicts: list[Issue] = []
    unchanged: list[Invoice] = []
    delivered: list[str] = []
    refused = dict(loaded.refused)
    for number in sorted((loaded.lines.keys() | drafted) - refused.keys()):
        customer = _CustomerMonth(loaded, number, exports[number], known, held)
        customer.decide()
        conflicts += customer.conflicts
        unchanged += customer.unchanged
        if issues := [issue for i in customer.invoices for issue in contradictions(i)]:
            refused[number] = tuple(issues)
        else:
            invoices += customer.invoices
            if not customer.invoices and not customer.conflicts:
                delivered.append(number)
    done = loaded.lines.keys() | drafted | refused.keys()
    return MonthPlan(
        month=loaded.month,
        invoices=tuple(invoices),
        delivered=tuple(delivered),
        skipped=tuple(sorted(loaded.customers.keys() - done)),
        refused=refused,
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
    conflicts: list[Issue] = field(default_factory=list)
    unchanged: list[Invoice] = field(default_factory=list)

    def decide(self) -> None:
        lines = self.loaded.lines.get(self.number, ())
        drafts = sorted(filter(_has_draft, self.exports), key=lambda export: export.sequence)
        disputed = [e for e in self.exports if e.state == ExportState.CONFLICT]
        if disputed:
            self.conflicts += [_kept(export) for export in disputed]
            return
        fresh = [line for line in lines if not self._is_in_a_draft(line)]
        for export in drafts:
            if self._follow(export, lines, fresh if export is drafts[-1] else []):
                fresh = []
        if fresh and not any(map(self._is_duplicated, drafts)):
            sequence = max((export.sequence for export in drafts), default=0) + 1
            self.invoices.append(self._invoice(fresh, sequence))

    def _follow(self, export: Export, lines: Sequence[LineItem], fresh: Sequence[LineItem]) -> bool:
        """Let the export's draft follow the OMS; whether the fresh lines go into it."""
        held = self.held.get(export.id, {})
        kept = [line for line in lines if billed_line(line) in held]
        status = self.known.drafts.status_of(export)
        if issue := self._no_longer_ours(export, status):
            self.conflicts.append(issue)
            return False
        if status is DraftStatus.TOUCHED and not export.update_planned:
            if issue := _differences(export, kept, held):
                self.conflicts.append(issue)
            elif kept:
                self._finish(export, self._invoice(kept, export.sequence))
            return False
        wanted = [*kept, *fresh]
        if not wanted:
            self.conflicts.append(_about(export, IssueCode.NOTHING_LEFT))
            return False
        invoice = self._invoice(wanted, export.sequence)
        if self.known.drafts.bills(export, invoice):
            self._finish(export, invoice)
        else:
            self.invoices.append(invoice)
        return bool(fresh)

    def _finish(self, export: Export, invoice: Invoice) -> None:
        """Send nothing to a draft that says just this, but its file where that is not there yet.

        A person has to judge an edited draft whose file is lost, and cannot be built again.
        """
        if export.state == ExportState.DELIVERED:
            self.unchanged.append(invoice)
        elif self.known.drafts.bills(export, invoice):
            self.invoices.append(invoice)
        else:
            self.conflicts.append(_about(export, IssueCode.DRAFT_EDITED))

    def _no_longer_ours(self, export: Export, status: DraftStatus) -> Issue | None:
        if status is DraftStatus.GONE:
            return _about(export, IssueCode.DRAFT_DELETED)
        if status is DraftStatus.DUPLICATED:
            ids = self.known.drafts.ids_of(export)
            return _about(export, IssueCode.DOCUMENTS_DUPLICATED, ids=ids)
        if status is DraftStatus.UNREADABLE:
            return _about(export, IssueCode.EASYBILL_UNREADABLE, said=None)
        return None

    def _is_duplicated(self, export: Export) -> bool:
        """Whether nobody knows which of several documents is the draft, and what they all bill."""
        return self.known.drafts.status_of(export) is DraftStatus.DUPLICATED

    def _is_in_a_draft(self, line: LineItem) -> bool:
        claim = self.known.claims.get(billed_line(line))
        return claim is not None and _has_draft(claim.export)

    def _invoice(self, lines: Iterable[LineItem], sequence: int) -> Invoice:
        customer = self.loaded.customers[self.number]
        return Invoice.of(self.loaded.month, customer, lines, sequence, self.loaded.terms)


def _differences(
    export: Export, kept: Sequence[LineItem], held: Mapping[BilledLine, str]
) -> Issue | None:
    """Where the OMS differs from a draft that is no longer ours to change."""
    # What a person accepted is right, whatever the OMS says.
    held = {line: digest for line, digest in held.items() if digest != ACCEPTED}
    found = {billed_line(line): line_digest(line) for line in kept if billed_line(line) in held}
    changed = sorted({k.service_id for k, digest in found.items() if held[k] != digest})
    vanished = sorted({key.service_id for key in held.keys() - found.keys()})
    if not changed and not vanished:
        return None
    return _about(export, IssueCode.DRAFT_DIFFERS, changed=changed, vanished=vanished)


def _kept(export: Export) -> Issue:
    return kept_issue(export) or _about(export, IssueCode.DRAFT_UNFINISHED, said=None)


def _about(export: Export, code: IssueCode, **facts: Fact) -> Issue:
    number, month = export.customer_number, export.month
    return Issue(code, number, month, document_id=export.document_id, facts=facts)
