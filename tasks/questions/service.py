"""Into which draft went a service, and if into none, why? Both its price and its fee."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from blocks.ledger.ledger import BilledLine, Claim, Export
from tasks.billing.issue import Issue, IssueCode
from tasks.billing.line_item import LineKind, Service
from tasks.billing.month import BillingMonth
from tasks.easybill.layouts import layout_of_export
from tasks.load.load_services import row_issue
from tasks.questions.customer import answer_customer
from tasks.questions.known import read_month
from tasks.questions.sent import oms_lines, sent_lines
from tasks.run.connections import Connections


@dataclass(frozen=True, slots=True)
class BilledAs:
    """A line of the service in a draft; `place` is its position's, None without the CSV."""

    kind: str
    export: Export
    place: int | None
    is_in_oms: bool


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    """Where a service is billed, and why a part of it, or all, is not.

    `service` is the OMS's, None where it has no valid row with this key; `open_kinds` is what it
    still has to be billed for.
    """

    service_id: str
    service: Service | None
    billed: tuple[BilledAs, ...]
    open_kinds: tuple[str, ...]
    issues: tuple[Issue, ...]

    @property
    def is_settled(self) -> bool:
        """Whether nothing of the service is still to be billed or fixed."""
        return not self.issues

    @property
    def month(self) -> BillingMonth | None:
        """The month that the OMS has it in."""
        return BillingMonth.containing(self.service.rendered_at) if self.service else None


def answer_service(connections: Connections, service_id: str) -> ServiceAnswer:
    """Tell which drafts bill the service's price and its fee; nothing is written."""
    oms, label = connections.oms, connections.account.cancellation_fee_label
    keys = [BilledLine(service_id, kind.value) for kind in LineKind]
    found = connections.ledger.billed_lines(keys)
    drafted = {line: claim for line, claim in found.items() if claim.export.document_id is not None}
    snapshot = oms.read_service(service_id)
    services = [Service(**row) for row in snapshot.services.to_dicts()]
    wanted = oms_lines(snapshot.services, label).keys()
    missing = wanted - drafted.keys()
    issues = [row_issue(b) for b in snapshot.bad_rows if b.relation == oms.services_relation]
    if missing:
        issues += _why_open(connections, services[0])
    if not (issues or services or drafted):
        issues.append(Issue(IssueCode.SERVICE_UNKNOWN, service_id=service_id))
    return ServiceAnswer(
        service_id=service_id,
        service=services[0] if services else None,
        billed=tuple(_billed(connections, drafted, wanted)),
        open_kinds=tuple(sorted((line.kind for line in missing), reverse=True)),
        issues=tuple(issues),
    )


def _why_open(connections: Connections, service: Service) -> Sequence[Issue]:
    number = service.customer_number
    known = read_month(connections, BillingMonth.containing(service.rendered_at), number)
    return answer_customer(known, number).issues


def _billed(
    connections: Connections,
    drafted: Mapping[BilledLine, Claim],
    wanted: Collection[BilledLine],
) -> Iterator[BilledAs]:
    for line, claim in sorted(drafted.items(), key=lambda item: item[0], reverse=True):
        layout = layout_of_export(connections, claim.export)
        rows = [row.line for row in sent_lines(claim.export, layout)]
        yield BilledAs(
            kind=line.kind,
            export=claim.export,
            place=rows.index(line) + 1 if line in rows else None,
            is_in_oms=line in wanted,
        )
