"""Draw up: the report of a whole month, from what is there after a run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tasks.billing.issue import Issue
from tasks.billing.line_item import LineItem
from tasks.load.late import LateMonth
from tasks.load.month_of_services import MonthOfServices
from tasks.report.history import find_missed, history
from tasks.report.month_report import DraftRow, MonthReport, NotInvoicedRow
from tasks.report.outcome import IssuesByCustomer
from tasks.report.place_lines import PlacedDraft, PlacedLines
from tasks.report.read_back import in_other_layouts, read_back
from tasks.report.reconcile import reconcile
from tasks.report.vat import vat_rows
from tasks.run.connections import Connections


@dataclass(frozen=True, slots=True)
class AfterRun:
    """How the month is after a run; `unread`: why easybill could not be read, if it could not.

    `is_whole`: whether a run for all customers was among those that drew up its report.
    `issues` by customer, of all that are not invoiced; `skipped` have nothing to be billed.
    """

    loaded: MonthOfServices
    placed: PlacedLines
    issues: IssuesByCustomer
    skipped: tuple[str, ...]
    findings: tuple[Issue, ...]
    late: tuple[LateMonth, ...]
    unread: str | None
    is_whole: bool


def draw_up(
    after: AfterRun, connections: Connections, folder: Path, *, preview: bool
) -> MonthReport:
    """The month's report; reads every CSV of the month, and the ledger."""
    month = after.loaded.month
    drafts = tuple(_draft_row(draft, after.loaded, connections) for draft in after.placed.drafts)
    return MonthReport(
        month=str(month),
        preview=preview,
        folder=str(folder),
        account=connections.account.account,
        drafts=drafts,
        failures=tuple(_not_invoiced(after)),
        skipped=after.skipped,
        findings=after.findings,
        reconciliation=reconcile(
            after.placed,
            after.issues.keys(),
            read_back(connections, after.placed.drafts),
            after.unread,
        ),
        late=after.late,
        missed=find_missed(connections.ledger, month, connections.invoicing_from),
        history=history(connections.ledger, month, drafts),
        language=connections.language,
        is_whole=after.is_whole,
        vat=vat_rows(after.placed, after.loaded.customers),
        in_other_layouts=tuple(
            Path(draft.csv_path).name
            for draft in in_other_layouts(connections, after.placed.drafts)
            if draft.state != "deleted"
        ),
    )


def _draft_row(draft: PlacedDraft, loaded: MonthOfServices, connections: Connections) -> DraftRow:
    (number, sequence), sent = draft.key, draft.sent
    linked = draft.document_id if draft.state != "deleted" else None
    return DraftRow(
        customer_number=number,
        name=_name(loaded, number),
        sequence=sequence,
        line_count=sent.line_count,
        net_cents=sent.net_cents,
        vat_cents=sent.gross_cents - sent.net_cents,
        gross_cents=sent.gross_cents,
        document_id=draft.document_id,
        url=None if linked is None else connections.account.link_to(linked),
        state=draft.state,
    )


def _not_invoiced(after: AfterRun) -> Iterable[NotInvoicedRow]:
    for number, issues in sorted(after.issues.items()):
        lines: Sequence[LineItem] | None = after.placed.open_lines.get(number, ())
        if number in after.loaded.refused:
            lines = None
        yield NotInvoicedRow(
            customer_number=number,
            name=_name(after.loaded, number),
            line_count=None if lines is None else len(lines),
            net_cents=None if lines is None else sum(line.net_cents for line in lines),
            issues=tuple(issues),
        )


def _name(loaded: MonthOfServices, customer_number: str) -> str:
    customer = loaded.customers.get(customer_number)
    return customer.display_name if customer is not None else ""
