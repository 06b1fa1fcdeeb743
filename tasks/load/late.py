"""Late: services of earlier months that are in no draft yet."""

from dataclasses import dataclass

from blocks.ledger.records import BilledLine
from tasks.billing.issue import Issue, IssueCode
from tasks.billing.line_item import LineKind
from tasks.billing.month import BillingMonth
from tasks.billing.wording import text_of
from tasks.billing.wording.speech import Speech
from tasks.load.billed_line import billed_line
from tasks.load.load_services import load_services
from tasks.run.connections import Connections

NAMED = 3


@dataclass(frozen=True, slots=True)
class LateMonth:
    """What an earlier month still owes: its customers, and what their lines add up to net.

    `issues`: rows and customers of that month that are not valid and were not billed, so that
    nobody knows what they add up to.
    """

    month: str
    customers: tuple[str, ...]
    line_count: int
    net_cents: int
    issues: tuple[Issue, ...] = ()

    def __str__(self) -> str:
        return self.said_in(Speech())

    def said_in(self, speech: Speech) -> str:
        """What it still owes, in words."""
        said = []
        if self.line_count:
            said.append(
                speech.say(
                    "{lines} of {customers} in no draft, net {net}",
                    lines=speech.counted(self.line_count, "line"),
                    customers=speech.counted(len(self.customers), "customer"),
                    net=speech.amount(self.net_cents),
                )
            )
        said += [
            f"{issue.customer_number}: {text_of(issue, speech.language)}"
            for issue in self.issues[:NAMED]
        ]
        if (more := len(self.issues) - NAMED) > 0:
            said.append(speech.say("and {count} more", count=speech.number(more)))
        return f"{speech.month(self.month)}: {'; '.join(said)}"


def find_late(connections: Connections, month: BillingMonth) -> tuple[LateMonth, ...]:
    """The months before this one that the ledger knows and that hold unbilled services.

    A month that was never run is none of them: whether it was billed otherwise, nobody here knows.
    Nor is one before the first month that is billed.
    """
    earlier = map(BillingMonth.parse, connections.ledger.months_before(str(month)))
    first = connections.invoicing_from
    found = [_late(connections, one) for one in earlier if first is None or one >= first]
    return tuple(late for late in found if late.line_count or late.issues)


def _late(connections: Connections, month: BillingMonth) -> LateMonth:
    label = connections.account.cancellation_fee_label
    loaded = load_services(connections.oms, month, label)
    refused = [issue for _, issues in sorted(loaded.refused.items()) for issue in issues]
    keys = [billed_line(line) for lines in loaded.lines.values() for line in lines]
    rows = [key for issue in refused for key in _rows_of(issue)]
    claims = connections.ledger.billed_lines([*keys, *rows])

    def is_billed(key: BilledLine) -> bool:
        claim = claims.get(key)
        return claim is not None and claim.export.document_id is not None

    unbilled = {
        number: [line for line in lines if not is_billed(billed_line(line))]
        for number, lines in loaded.lines.items()
    }
    return LateMonth(
        month=str(month),
        customers=tuple(sorted(number for number, lines in unbilled.items() if lines)),
        line_count=sum(map(len, unbilled.values())),
        net_cents=sum(line.net_cents for lines in unbilled.values() for line in lines),
        issues=tuple(issue for issue in refused if not any(map(is_billed, _rows_of(issue)))),
    )


def _rows_of(issue: Issue) -> list[BilledLine]:
    """The lines that the row of an issue may be billed as."""
    if issue.code is not IssueCode.ROW_INVALID:
        return []
    return [BilledLine(str(issue.facts["row"]), kind.value) for kind in LineKind]
