"""What the OMS and the ledger know of a month, for the questions about it; nothing is written."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from blocks.ledger.ledger import BilledLine, Claim, Export, Lease
from tasks.billing.line_item import LineItem
from tasks.billing.month import BillingMonth
from tasks.connections import Connections
from tasks.decide import billed_line
from tasks.load_services import load_services
from tasks.month_of_services import MonthOfServices


@dataclass(frozen=True, slots=True)
class KnownMonth:
    """What the OMS says of a month, and what the ledger does.

    `exports` by customer number; `claims` are all lines that the month's exports hold, and all
    lines of the OMS's month that any export holds, `held` the same by the export's id. `lease` is
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


def look_at(connections: Connections, month: BillingMonth) -> KnownMonth:
    """Read the month from the OMS and the ledger; nothing is written."""
    loaded = load_services(connections.oms, month, connections.account.cancellation_fee_label)
    ledger = connections.ledger
    keys = [billed_line(line) for lines in loaded.lines.values() for line in lines]
    lease = ledger.read_lease(str(month))
    claims = {**ledger.claims_of(str(month)), **ledger.billed_lines(keys)}
    exports: dict[str, list[Export]] = defaultdict(list)
    for export in ledger.exports(str(month)):
        exports[export.customer_number].append(export)
    held: dict[int, dict[BilledLine, Claim]] = defaultdict(dict)
    for line, claim in claims.items():
        held[claim.export.id][line] = claim
    return KnownMonth(
        loaded=loaded,
        account=ledger.account,
        exports=dict(exports),
        claims=claims,
        held=dict(held),
        lease=lease if lease is not None and lease.held else None,
        asked_at=datetime.now(UTC),
    )
