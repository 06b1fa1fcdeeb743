"""One customer's month: the run that a failed customer gets, to be mended and retried alone."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.conclude import concluded
from flows.sequence import invoice
from tasks.month_run import open_account
from tasks.resolve_month import resolve_month


@flow(name="invoice-customer", flow_run_name="invoice-customer {month} {customer_number}")
def invoice_customer(month: str, customer_number: str) -> State[Any]:
    """Invoice one customer's billing month.

    Args:
        month: the billing month as YYYY-MM.
        customer_number: the customer's number, in the OMS and in easybill.

    """
    billing_month = resolve_month(month, preview=False)
    return concluded(lambda: invoice(open_account(billing_month), billing_month, [customer_number]))
