"""Draw up: the report of a whole month, from what stands after a run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tasks.billing.line_item import LineItem
from tasks.checks.findings import Finding
from tasks.load.late import LateMonth
from tasks.load.month_of_services import MonthOfServices
from tasks.report.history import find_missed, history
from tasks.report.month_report import DraftRow, MonthReport, OpenRow
from tasks.report.outcome import Cause
from tasks.report.read_back import read_back
from tasks.report.reconcile import reconcile
from tasks.report.take_stock import StandingDraft, Stock
from tasks.run.connections import Connections


@dataclass(frozen=True, slots=True)
class AfterRun:
    """How the month stands after a run; `unread`: why easybill could not be read, if it could not.

    `causes` by customer, of all that are not invoiced; `skipped` have nothing to be billed.
    """

    loaded: MonthOfServices
    stock: Stock
    causes: Mapping[str, Sequence[Cause]]
    skipped: tuple[str, ...]
    findings: tuple[Finding, ...]
    late: tuple[LateMonth, ...]
    unread: str | None


def draw_up(
    after: AfterRun, connections: Connections, folder: Path, *, preview: bool
) -> MonthReport:
    """The month's report; reads every CSV of the month, and the ledger."""
    month = after.loaded.month
    drafts = tuple(_draft_row(draft, after.loaded, connections) for draft in after.stock.drafts)
    return MonthReport(
        month=str(month),
        preview=preview,
        folder=str(folder),
        account=connections.account.account,
        drafts=drafts,
        failures=tuple(_open_rows(after)),
        skipped=after.skipped,
        findings=after.findings,
        reconciliation=reconcile(
            after.stock, after.causes.keys(), partial(read_back, connections), after.unread
        ),
        late=after.late,
        missed=find_missed(connections.ledger, month),
        history=history(connections.ledger, month, drafts),
    )


def _draft_row(draft: StandingDraft, loaded: MonthOfServices, connections: Connections) -> DraftRow:
    linked = draft.document_id if draft.state != "deleted" else None
    return DraftRow(
        customer_number=draft.customer_number,
        name=_name(loaded, draft.customer_number),
        sequence=draft.sequence,
        line_count=draft.line_count,
        net_cents=draft.net_cents,
        vat_cents=draft.gross_cents - draft.net_cents,
        gross_cents=draft.gross_cents,
        document_id=draft.document_id,
        url=None if linked is None else connections.account.link_to(linked),
        state=draft.state,
    )


def _open_rows(after: AfterRun) -> Iterable[OpenRow]:
    for number, causes in sorted(after.causes.items()):
        lines: Sequence[LineItem] | None = after.stock.open_lines.get(number, ())
        if number in after.loaded.refusals:
            lines = None
        yield OpenRow(
            customer_number=number,
            name=_name(after.loaded, number),
            line_count=None if lines is None else len(lines),
            net_cents=None if lines is None else sum(line.net_cents for line in lines),
            reason="; ".join(cause.reason for cause in causes),
            next_step=". ".join(dict.fromkeys(cause.next_step for cause in causes)),
            kind=causes[0].kind,
        )


def _name(loaded: MonthOfServices, customer_number: str) -> str:
    customer = loaded.customers.get(customer_number)
    return customer.display_name if customer is not None else ""
