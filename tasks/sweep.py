"""Sweep: remove files of ours that hang on nothing because an answer was lost."""

import re
from collections.abc import Iterable
from contextlib import suppress

from blocks.easybill.errors import Rejected
from blocks.ledger.ledger import Export, Ledger
from blocks.ledger.states import ExportState
from tasks.billing.month import BillingMonth
from tasks.decide import MonthPlan
from tasks.delivery import IN_DOUBT
from tasks.run_log import run_log
from tasks.upload import MonthDelivery

_NOT_TO_FORGET = IN_DOUBT | {ExportState.SKIPPED, ExportState.WITHDRAWN, ExportState.CONFLICT}
_OURS = re.compile(r"(?P<month>\d{4}-\d{2})-.+-[0-9a-f]{12}\.csv")


def sweep_attachments(delivery: MonthDelivery) -> int:
    """Delete the month's unlinked files that no export uses; how many there were.

    Only a month with a lost answer or a refused removal can have any: for all others nothing is
    asked. A file whose upload shows in easybill only after this look is found by the next run.
    """
    ledger, month = delivery.connections.ledger, delivery.month
    if not _may_have_left_files(ledger, month):
        return 0
    used = set()
    for export in ledger.exports(str(month)):
        used |= {export.attachment_id, export.replaced_attachment_id}
    client = delivery.connections.client_for(month, None, delivery.check)
    swept = 0
    delivery.lookup.outdate()
    for attachment in delivery.lookup.all_attachments():
        name = _OURS.fullmatch(attachment.file_name)
        is_of_month = name is not None and name["month"] == str(month)
        if is_of_month and attachment.document_id is None and attachment.id not in used:
            with suppress(Rejected):
                client.delete_attachment(attachment.id)
            swept += 1
    if swept:
        run_log().info("%s: removed %d files that hung on nothing", month, swept)
    return swept


def forget_unneeded(
    delivery: MonthDelivery, month_plan: MonthPlan, exports: Iterable[Export]
) -> None:
    """Withdraw exports that never got a draft and whose services are gone from the OMS.

    A refused customer's export stays, to tell the reason; only a file it has sent is removed.
    """
    wanted = {(i.customer.customer_number, i.sequence) for i in month_plan.invoices}
    for export in exports:
        is_wanted = (export.customer_number, export.sequence) in wanted
        if is_wanted or export.document_id is not None or export.state in _NOT_TO_FORGET:
            continue
        customer = delivery.of(export.customer_number)
        if export.customer_number in month_plan.refusals:
            customer.drop_attachment(export)
        elif export.attachment_id is not None or export.state != ExportState.FAILED:
            customer.forget(export)


def _may_have_left_files(ledger: Ledger, month: BillingMonth) -> bool:
    """Whether an upload's answer was lost, or a file could not be removed."""
    return any(
        (call.method == "POST" and call.outcome == "unknown")
        or (call.method == "DELETE" and call.outcome != "success")
        for call in ledger.calls(str(month))
        if call.path.startswith("/attachments")
    )
