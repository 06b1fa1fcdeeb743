"""One customer's month: the run that a failed customer gets, to be fixed and retried alone."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.conclude import concluded
from flows.invoice_month import run_month
from flows.parameters import CustomerNumber, LetThrough, Month
from tasks.report.artifacts.publish import publish
from tasks.report.run_report import RunReport
from tasks.run.connections import open_account
from tasks.run.display import tag_run
from tasks.run.request import RunRequest
from tasks.run.resolve_month import resolve_month


@flow(name="invoice-customer", flow_run_name="invoice-customer {month} {customer_number}")
def invoice_customer(
    month: Month, customer_number: CustomerNumber, let_through: LetThrough | None = None
) -> State[Any]:
    """Invoice one customer's billing month.

    Args:
        month: The billing month as YYYY-MM, such as 2026-10.
        customer_number: The customer's number, in the OMS and in easybill.
        let_through: Bounds that are not to stop it, such as invoice_net:K1001.

    """

    def work() -> RunReport:
        tag_run(month, customer_number)
        billing_month = resolve_month(month, preview=False)
        connections = open_account(billing_month)
        request = RunRequest(
            billing_month,
            frozenset({customer_number}),
            let_through=frozenset(let_through or ()),
        )
        report = run_month(connections, request)
        publish(report.month_report)
        return report

    return concluded(work)
