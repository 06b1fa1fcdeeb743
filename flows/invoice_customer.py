"""One customer's month: the run that a failed customer gets, to be fixed and retried alone."""

import time
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from flows.conclude import concluded
from flows.invoice_month import run_month
from flows.parameters import Account, CustomerNumber, LetThrough, Month
from tasks.report.artifacts.publish import publish
from tasks.report.run_report import RunReport
from tasks.run.connections import Connections, open_account
from tasks.run.display import tag_run
from tasks.run.lease import MonthHeld
from tasks.run.log import run_log
from tasks.run.request import RunRequest
from tasks.run.resolve_month import resolve_month, run_name

WAITS_AT_MOST_S = 900


def _name() -> str:
    asked = flow_run.parameters
    return run_name("invoice-customer", asked["month"], asked["customer_number"])


@flow(name="invoice-customer", flow_run_name=_name)
def invoice_customer(
    month: Month,
    customer_number: CustomerNumber,
    let_through: LetThrough | None = None,
    account: Account | None = None,
) -> State[Any]:
    """Invoice one customer's billing month.

    Args:
        month: The billing month as YYYY-MM, such as 2026-10.
        customer_number: The customer's number, in the OMS and in easybill.
        let_through: Bounds that are not to stop it, such as invoice_net:K1001.
        account: Whose blocks the run takes, such as north; left out: the default blocks.

    """

    def work() -> RunReport:
        tag_run(month, customer_number)
        billing_month = resolve_month(month, preview=False)
        connections = open_account(billing_month, account)
        request = RunRequest(
            billing_month,
            frozenset({customer_number}),
            let_through=frozenset(let_through or ()),
        )
        report = _run_in_turn(connections, request)
        publish(report.month_report)
        return report

    return concluded(work)


def _run_in_turn(connections: Connections, request: RunRequest) -> RunReport:
    """Wait for the month: people retry several customers' runs at once, and each takes seconds."""
    until = time.monotonic() + WAITS_AT_MOST_S
    while True:
        try:
            return run_month(connections, request)
        except MonthHeld as held:
            # Each look at the holder lasts until it shows that it is alive.
            if time.monotonic() > until:
                raise
            run_log().info("Waiting: %s is being worked on by %s", held.month, held.holder)
