"""The draft that an invoice becomes in easybill, as the body of `POST /documents`."""

from decimal import Decimal

from tasks.billing.invoice import Invoice
from tasks.billing.line_item import LineItem
from tasks.billing.money import EXACT, plain


def draft_document(invoice: Invoice, easybill_customer_id: int) -> dict[str, object]:
    """The draft's body. Prices of positions are cents, as easybill's API has them.

    What is not set is not sent: easybill's own defaults hold, and the digests of drafts without it
    stay as they are. `service_date` is given because easybill otherwise prints "invoice date = date
    of supply".
    """
    customer, month = invoice.customer, invoice.month
    return {
        "type": "INVOICE",
        "external_id": invoice.external_id,
        "customer_id": easybill_customer_id,
        "currency": customer.currency,
        "calc_vat_from": 0,
        "vat_option": customer.vat_option,
        "order_number": customer.purchase_order or "",
        "buyer_reference": customer.buyer_reference or "",
        "service_date": {
            "type": "SERVICE",
            "date_from": month.first_day.isoformat(),
            "date_to": month.last_day.isoformat(),
        },
        **invoice.terms.fields(month.last_day, customer.due_in_days),
        "items": [_position(line, place) for place, line in enumerate(invoice.lines, start=1)],
    }


def _position(line: LineItem, place: int) -> dict[str, object]:
    accounting = {"booking_account": line.booking_account, "export_cost_1": line.cost_centre}
    return {
        "type": "POSITION",
        "itemType": "SERVICE",
        "position": place,
        "number": line.service_code,
        "description": line.position_text,
        "quantity": Decimal(plain(line.quantity)),
        "unit": line.unit,
        "single_price_net": Decimal(plain(line.unit_price_net.scaleb(2, EXACT))),
        "vat_percent": Decimal(plain(line.vat_percent)),
        **{name: value for name, value in accounting.items() if value is not None},
    }
