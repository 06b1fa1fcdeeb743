"""A run of its own for each customer that failed by its own cause, to be fixed and retried."""

from collections.abc import Collection

from prefect.client.orchestration import get_client
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from prefect.runtime import flow_run

from tasks.report.run_report import RunReport
from tasks.run.log import run_log

DEPLOYMENT = "invoice-customer/invoice-customer"


def start_own_runs(report: RunReport, at_most: int, let_through: Collection[str] | None) -> None:
    """Create an `invoice-customer` run per failed customer where that deployment exists.

    The runs are linked to this one as subflows, and are the same ones when this run is retried. A
    cause that all share gets none: it is fixed once, and the month is run again. They let through
    what this run does.
    """
    own = [n for n, issues in report.not_invoiced.items() if not issues[0].is_shared]
    if report.preview or not own or flow_run.id is None or not _is_deployed():
        return
    for customer_number in own[:at_most]:
        run_deployment(
            DEPLOYMENT,
            parameters={
                "month": report.month,
                "customer_number": customer_number,
                "let_through": sorted(let_through) if let_through else None,
            },
            flow_run_name=f"invoice-customer {report.month} {customer_number}",
            tags=[report.month, customer_number],
            idempotency_key=f"{flow_run.id}:{customer_number}",
            timeout=0,
        )
    if len(own) > at_most:
        run_log().warning(
            "%d customers failed; runs of their own were made for the first %d: fix the rest and"
            " retry this run",
            len(own),
            at_most,
        )


def _is_deployed() -> bool:
    with get_client(sync_client=True) as client:
        try:
            client.read_deployment_by_name(DEPLOYMENT)
        except ObjectNotFound:
            return False
    return True
