"""A run of its own for each customer that failed by its own cause, to be fixed and retried."""

from collections.abc import Collection
from textwrap import shorten
from typing import Any
from uuid import UUID

from prefect import Task
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterIdempotencyKey
from prefect.client.schemas.objects import State
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectNotFound
from prefect.runtime import flow_run
from prefect.states import Failed

from tasks.billing.wording import said_of
from tasks.billing.words import counted
from tasks.report.run_report import RunReport
from tasks.run.log import run_log
from tasks.run.named_account import named_account, with_account

FLOW = "invoice-customer"
DEPLOYMENT = f"{FLOW}/{FLOW}"
LONGEST_REASON = 1_000


def create_own_runs(report: RunReport, at_most: int, let_through: Collection[str] | None) -> None:
    """Create an `invoice-customer` run per failed customer where that deployment exists.

    The runs begin in state Failed, with the reason as its message: nothing is executed before
    somebody retries them. They are linked to this one as subflows, and are the same ones when this
    run is retried. A cause that all share gets none: it is fixed once, and the month is run again.
    They let through what this run does, and are for its account.
    """
    own = {n: issues for n, issues in report.not_invoiced.items() if not issues[0].is_shared}
    if report.preview or not own or flow_run.id is None:
        return
    with get_client(sync_client=True) as client:
        try:
            deployment = client.read_deployment_by_name(DEPLOYMENT)
        except ObjectNotFound:
            return
        for customer_number in list(own)[:at_most]:
            parameters: dict[str, Any] = {
                "month": report.month,
                "customer_number": customer_number,
                "let_through": sorted(let_through) if let_through else None,
            }
            if (account := named_account()) is not None:
                parameters["account"] = account
            reason = shorten(said_of(own[customer_number]), LONGEST_REASON)
            tags = with_account(report.month, customer_number)
            _create(client, deployment, parameters, tags, reason)
    if len(own) > at_most:
        run_log().warning(
            "%s failed; runs of their own were made for the first %d: fix the rest and"
            " retry this run",
            counted(len(own), "customer"),
            at_most,
        )


def _create(
    client: SyncPrefectClient,
    deployment: DeploymentResponse,
    parameters: dict[str, Any],
    tags: list[str],
    reason: str,
) -> None:
    """Create the run as it failed; one that an earlier attempt created gets today's reason."""
    subject = " ".join(tags)
    parent_id, name = UUID(flow_run.id), f"{FLOW} {subject}"
    key = f"{parent_id}:{subject}"
    failed: State[Any] = Failed(message=reason)
    with_key = FlowRunFilter(idempotency_key=FlowRunFilterIdempotencyKey(any_=[key]))
    for own in client.read_flow_runs(flow_run_filter=with_key):
        if own.state is not None and own.state.is_final():
            client.set_flow_run_state(own.id, failed, force=True)
        return
    # A task run in the parent is what links a subflow.
    link = Task(fn=lambda: None, name=FLOW)
    link.task_key = DEPLOYMENT
    parent_task_run = client.create_task_run(
        link, parent_id, dynamic_key=subject, name=name, state=failed
    )
    client.create_flow_run_from_deployment(
        deployment.id,
        parameters=parameters,
        state=failed,
        name=name,
        tags=tags,
        idempotency_key=key,
        parent_task_run_id=parent_task_run.id,
    )
