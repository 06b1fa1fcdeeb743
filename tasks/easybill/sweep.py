"""Sweep: remove files of ours that are linked to nothing because an answer was lost."""

import re
from collections.abc import Collection, Iterable, Set
from contextlib import suppress

from blocks.easybill.errors import Rejected
from blocks.ledger.ledger import ApiCallRow, Export
from blocks.ledger.protocol import permits
from blocks.ledger.states import Event, ExportState
from tasks.billing.words import counted
from tasks.easybill.upload import MonthDelivery
from tasks.run.log import run_log

_OURS = re.compile(r"(?P<month>\d{4}-\d{2})-.+-[0-9a-f]{12}\.csv")


def sweep_attachments(delivery: MonthDelivery) -> int:
    """Delete the month's unlinked files that no export uses; how many there were.

    Only a month with a lost answer, a refused removal, or more uploads than files that wait or were
    linked can have any: for all others nothing is asked. A file whose upload shows in easybill only
    after this look is found by the next run.
    """
    ledger, month = delivery.connections.ledger, delivery.month
    exports = ledger.exports(str(month))
    used = _files_in_use(exports)
    waiting = _files_in_use(e for e in exports if e.state != ExportState.DELIVERED)
    if not _may_have_left_files(ledger.calls(str(month)), used, waiting):
        return 0
    client = delivery.connections.client_for(month, None)
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
        files = counted(swept, "file that was", "files that were")
        run_log().info("%s: removed %s linked to nothing", month, files)
    return swept


def forget_unneeded(
    delivery: MonthDelivery,
    wanted: Collection[tuple[str, int]],
    refused: Collection[str],
    exports: Iterable[Export],
) -> None:
    """Withdraw exports that never got a draft and whose services are gone from the OMS.

    `wanted`: customer number and sequence of what is to be delivered. A refused customer's export
    stays, to tell the reason; only a file it has sent is removed.
    """
    for export in exports:
        is_wanted = (export.customer_number, export.sequence) in wanted
        if is_wanted or not permits(export, Event.GIVE_UP):
            continue
        with delivery.of(export.customer_number) as customer:
            if export.customer_number in refused:
                customer.drop_attachment(export)
            elif export.attachment_id is not None or export.state != ExportState.FAILED:
                customer.forget(export, Event.GIVE_UP)


def _files_in_use(exports: Iterable[Export]) -> set[int]:
    ids = {id_ for e in exports for id_ in (e.attachment_id, e.replaced_attachment_id)}
    return {id_ for id_ in ids if id_ is not None}


def _may_have_left_files(calls: Iterable[ApiCallRow], used: Set[int], waiting: Set[int]) -> bool:
    """Whether an upload's answer was lost, a file could not be removed, or one is in no export.

    The last where a run was paused so long that another had taken the month over, or an export took
    a document in with another file, which was uploaded before this log began. `waiting`: the files
    of `used` that may be linked to nothing yet.
    """
    uploaded = 0
    linked: set[int] = set()
    removed: set[int] = set()
    for call in calls:
        if not call.path.startswith("/attachments"):
            continue
        is_upload, is_removal = call.method == "POST", call.method == "DELETE"
        if (is_upload and call.outcome == "unknown") or (is_removal and call.outcome != "success"):
            return True
        uploaded += is_upload and call.outcome == "success"
        if is_removal or call.method == "PUT":
            ids = removed if is_removal else linked
            ids.add(int(call.path.rpartition("/")[2]))
    # What was removed and never linked may have been uploaded before this log began, too.
    return uploaded > len(waiting | linked & (used | removed))
