"""Who sent this, and when? The log of calls, the runs that made them, and whose key it was."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

from blocks.ledger.ledger import ApiCallRow, Ledger

WRITES = frozenset({"POST", "PUT", "DELETE"})


@dataclass(frozen=True, slots=True)
class CallsAnswer:
    """The calls to easybill for a month, in the order in which they were made.

    `run_names` by flow run id, as far as Prefect's server knows them; `login_ids` are the easybill
    logins that the ledger knows the account by.
    """

    month: str
    account: str
    login_ids: tuple[int, ...]
    calls: tuple[ApiCallRow, ...]
    run_names: Mapping[str, str]


def answer_calls(ledger: Ledger, month: str, customer_number: str | None = None) -> CallsAnswer:
    """Tell every call of the month, or those for one customer."""
    return _answer(ledger, month, _calls(ledger, month, customer_number))


def answer_writes(ledger: Ledger, month: str, customer_number: str) -> CallsAnswer:
    """Tell what was sent for one customer, without what was only looked up."""
    calls = _calls(ledger, month, customer_number)
    return _answer(ledger, month, [call for call in calls if call.method in WRITES])


def _calls(ledger: Ledger, month: str, customer_number: str | None) -> list[ApiCallRow]:
    return [
        call
        for call in ledger.calls(month)
        if customer_number is None or call.customer_number == customer_number
    ]


def _answer(ledger: Ledger, month: str, calls: Sequence[ApiCallRow]) -> CallsAnswer:
    return CallsAnswer(
        month=month,
        account=ledger.account,
        login_ids=tuple(ledger.known_logins()),
        calls=tuple(calls),
        run_names=run_names({call.flow_run_id for call in calls if call.flow_run_id}),
    )


def run_names(flow_run_ids: Collection[str]) -> dict[str, str]:
    """The names that runs have in Prefect, as far as its server answers and knows them."""
    ids = [UUID(flow_run_id) for flow_run_id in sorted(flow_run_ids)]
    if not ids:
        return {}
    try:
        with get_client(sync_client=True) as client:
            runs = client.read_flow_runs(
                flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=ids))
            )
    except (httpx.HTTPError, RuntimeError):
        return {}
    return {str(run.id): run.name for run in runs}
