"""Delivered: what a customer's calls did in easybill, in one line for the log."""

from collections.abc import Iterable

from blocks.easybill.calls import ApiCall
from blocks.ledger.ledger import Export
from tasks.billing.money import amount_text

_WRITES = {
    ("POST", "attachments"): "CSV uploaded",
    ("POST", "documents"): "draft {id} created",
    ("PUT", "documents"): "draft {id} updated",
    ("PUT", "attachments"): "linked",
    ("DELETE", "attachments"): "file removed",
}


def delivered(export: Export, calls: Iterable[ApiCall], currency: str) -> str:
    """`CSV uploaded 201, draft 123 created 201, linked 200; net 1.00 EUR, gross 1.19 EUR`."""
    told = ", ".join(_told(call, export.document_id) for call in calls)
    net, gross = amount_text(export.net_cents), amount_text(export.gross_cents)
    done = told or f"draft {export.document_id} was there"
    return f"{done}; net {net} {currency}, gross {gross} {currency}"


def _told(call: ApiCall, document_id: int | None) -> str:
    what = _WRITES.get((call.method, call.path.split("/")[1]))
    if what is None or call.outcome != "success":
        what = f"{call.method} {call.path}"
    return f"{what.format(id=document_id)} {call.status or call.outcome}"
