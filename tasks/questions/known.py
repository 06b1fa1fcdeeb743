"""What the OMS and the ledger know of a month, for the questions about it; nothing is written."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from blocks.ledger.ledger import BilledLine, Claim, Export, Lease, Ledger
from tasks.billing.draft_status import DraftStatus
from tasks.billing.invoice import Invoice
from tasks.billing.line_item import LineItem
from tasks.billing.month import BillingMonth
from tasks.easybill.billed_content import bills
from tasks.load.billed_line import billed_line, claims_of
from tasks.load.load_services import read_month_of
from tasks.load.month_of_services import MonthOfServices
from tasks.plan.decide import Known, MonthPlan, decide
from tasks.run.connections import Connections


class DraftsAsLeft:
    """The drafts as the last run left them: a question asks easybill nothing."""

    def status_of(self, _: Export) -> DraftStatus:
        """Untouched, as far as the ledger knows."""
        return DraftStatus.UNTOUCHED

    def ids_of(self, export: Export) -> list[str]:
        """The id that the ledger knows."""
        return [str(export.document_id)]

    def bills(self, export: Export, invoice: Invoice) -> bool:
        """Whether the draft and its file were made of just this invoice."""
        return bills(export, invoice)


@dataclass(frozen=True, slots=True)
class KnownMonth:
    """What the OMS says of a month, and what the ledger does.

    `exports` by customer number; `claims` are all lines that the month's exports hold, and all
    lines of the OMS's month that any export holds; `plan` is what a run would do, with drafts as
    the last run left them. Where one customer was asked for, claims and plan are of that one.
    `lease` is that of the run that works on the month now, None where there is none.
    """

    loaded: MonthOfServices
    account: str
    exports: Mapping[str, Sequence[Export]]
    claims: Mapping[BilledLine, Claim]
    plan: MonthPlan
    lease: Lease | None
    asked_at: datetime
    invoicing_from: BillingMonth | None = None

    @property
    def was_run(self) -> bool:
        """Whether the ledger knows of the month."""
        return bool(self.exports)

    @property
    def is_over(self) -> bool:
        """Whether the month can be billed at all."""
        return self.loaded.month.is_over(self.asked_at)

    @property
    def is_never_billed(self) -> bool:
        """Whether the month is before the first one that is billed."""
        first = self.invoicing_from
        return first is not None and self.loaded.month < first

    def draft_of(self, line: LineItem) -> Export | None:
        """The export whose draft bills the line, of whichever month."""
        claim = self.claims.get(billed_line(line))
        return None if claim is None or claim.export.document_id is None else claim.export


def read_month(
    connections: Connections, month: BillingMonth, customer_number: str | None = None
) -> KnownMonth:
    """Read the month from the OMS and the ledger, for one customer or for all."""
    loaded = read_month_of(connections, month)
    ledger = connections.ledger
    exports: dict[str, list[Export]] = defaultdict(list)
    for export in ledger.exports(str(month)):
        exports[export.customer_number].append(export)
    if customer_number is None:
        claims = claims_of(ledger, loaded)
    else:
        claims = _claims_of_one(
            ledger, loaded.lines.get(customer_number, ()), exports.get(customer_number, ())
        )
    asked_for = loaded if customer_number is None else _of_one(loaded, customer_number)
    of_all = [export for theirs in exports.values() for export in theirs]
    known = [e for e in of_all if customer_number in (None, e.customer_number)]
    lease = ledger.read_lease(str(month))
    return KnownMonth(
        loaded=loaded,
        account=ledger.account,
        exports=dict(exports),
        claims=claims,
        plan=decide(asked_for, Known(known, claims, DraftsAsLeft())),
        lease=lease if lease is not None and lease.held else None,
        asked_at=datetime.now(UTC),
        invoicing_from=connections.invoicing_from,
    )


def _of_one(loaded: MonthOfServices, customer_number: str) -> MonthOfServices:
    lines = {n: lines for n, lines in loaded.lines.items() if n == customer_number}
    return replace(loaded, lines=lines)


def _claims_of_one(
    ledger: Ledger, lines: Iterable[LineItem], exports: Iterable[Export]
) -> dict[BilledLine, Claim]:
    keys = {billed_line(line) for line in lines}
    return ledger.billed_lines(keys.union(*map(ledger.lines_of, exports)))
