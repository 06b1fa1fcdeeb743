"""What the OMS and the ledger know of a month, for the questions about it; nothing is written."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from blocks.ledger.ledger import BilledLine, Claim, Export, Lease, Ledger
from tasks.billing.line_item import LineItem
from tasks.billing.month import BillingMonth
from tasks.load.load_services import load_services
from tasks.load.month_of_services import MonthOfServices
from tasks.plan.decide import billed_line
from tasks.run.connections import Connections


@dataclass(frozen=True, slots=True)
class KnownMonth:
    """What the OMS says of a month, and what the ledger does.

    `exports` by customer number; `claims` are all lines that the month's exports hold, and all
    lines of the OMS's month that any export holds (where one customer was asked for: of this
    customer alone), `held` the same by the export's id. `lease` is
    that of the run that works on the month now, None where there is none.
    """

    loaded: MonthOfServices
    account: str
    exports: Mapping[str, Sequence[Export]]
    claims: Mapping[BilledLine, Claim]
    held: Mapping[int, Mapping[BilledLine, Claim]]
    lease: Lease | None
    asked_at: datetime

    @property
    def was_run(self) -> bool:
        """Whether the ledger knows of the month."""
        return bool(self.exports)

    @property
    def is_over(self) -> bool:
        """Whether the month can be billed at all."""
        return self.loaded.month.is_over(self.asked_at)

    def draft_of(self, line: LineItem) -> Export | None:
        """The export whose draft bills the line, of whichever month."""
        claim = self.claims.get(billed_line(line))
        return None if claim is None or claim.export.document_id is None else claim.export


def look_at(
    connections: Connections, month: BillingMonth, customer_number: str | None = None
) -> KnownMonth:
    """Read the month from the OMS and the ledger, for one customer or for all."""
    loaded = load_services(connections.oms, month, connections.account.cancellation_fee_label)
    ledger = connections.ledger
    exports: dict[str, list[Export]] = defaultdict(list)
    for export in ledger.exports(str(month)):
        exports[export.customer_number].append(export)
    if customer_number is None:
        claims = _claims_of_all(ledger, loaded)
    else:
        claims = _claims_of_one(
            ledger, loaded.lines.get(customer_number, ()), exports.get(customer_number, ())
        )
    held: dict[int, dict[BilledLine, Claim]] = defaultdict(dict)
    for line, claim in claims.items():
        held[claim.export.id][line] = claim
    lease = ledger.read_lease(str(month))
    return KnownMonth(
        loaded=loaded,
        account=ledger.account,
        exports=dict(exports),
        claims=claims,
        held=dict(held),
        lease=lease if lease is not None and lease.held else None,
        asked_at=datetime.now(UTC),
    )


def _claims_of_all(ledger: Ledger, loaded: MonthOfServices) -> dict[BilledLine, Claim]:
    claims = ledger.claims_of(str(loaded.month))
    keys = {billed_line(line) for lines in loaded.lines.values() for line in lines}
    return {**claims, **ledger.billed_lines(keys - claims.keys())}


def _claims_of_one(
    ledger: Ledger, lines: Iterable[LineItem], exports: Iterable[Export]
) -> dict[BilledLine, Claim]:
    keys = {billed_line(line) for line in lines}
    return ledger.billed_lines(keys.union(*map(ledger.lines_of, exports)))
