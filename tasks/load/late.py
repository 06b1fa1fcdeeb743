"""Late: services of earlier months that are in no draft yet."""

from dataclasses import dataclass

from tasks.billing.line_item import LineItem
from tasks.billing.money import amount_text
from tasks.billing.month import BillingMonth
from tasks.load.billed_line import billed_line
from tasks.load.load_services import load_services
from tasks.run.connections import Connections


@dataclass(frozen=True, slots=True)
class LateMonth:
    """What an earlier month still owes: its customers, and what their lines come to net."""

    month: str
    customers: tuple[str, ...]
    line_count: int
    net_cents: int

    def __str__(self) -> str:
        return (
            f"{self.month}: {self.line_count} lines of {len(self.customers)} customers, net"
            f" {amount_text(self.net_cents)}, are in no draft"
        )


def find_late(connections: Connections, month: BillingMonth) -> tuple[LateMonth, ...]:
    """The months before this one that the ledger knows and that hold unbilled services.

    A month that was never run is none of them: whether it was billed otherwise, nobody here knows.
    """
    earlier = connections.ledger.months_before(str(month))
    found = [_late(connections, BillingMonth.parse(text)) for text in earlier]
    return tuple(late for late in found if late.line_count)


def _late(connections: Connections, month: BillingMonth) -> LateMonth:
    label = connections.account.cancellation_fee_label
    loaded = load_services(connections.oms, month, label)
    keys = [billed_line(line) for lines in loaded.lines.values() for line in lines]
    claims = connections.ledger.billed_lines(keys)

    def is_unbilled(line: LineItem) -> bool:
        claim = claims.get(billed_line(line))
        return claim is None or claim.export.document_id is None

    unbilled = {
        number: [line for line in lines if is_unbilled(line)]
        for number, lines in loaded.lines.items()
    }
    return LateMonth(
        month=str(month),
        customers=tuple(sorted(number for number, lines in unbilled.items() if lines)),
        line_count=sum(map(len, unbilled.values())),
        net_cents=sum(line.net_cents for lines in unbilled.values() for line in lines),
    )
