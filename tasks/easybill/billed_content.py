"""What an invoice bills, as the value whose digest the ledger keeps with its export."""

from dataclasses import asdict
from decimal import Decimal

from blocks.ledger.ledger import Export
from tasks.billing.digest import content_digest, hashed
from tasks.billing.invoice import Customer, Invoice
from tasks.billing.line_item import LineItem
from tasks.billing.money import EXACT, plain
from tasks.easybill.draft import draft_document

# Whoever the customer is in easybill: its own id is found anew by each run.
ANY_CUSTOMER = 0


def digest_of(invoice: Invoice) -> str:
    """The digest of everything that the invoice bills; not of the layout or the day of a run."""
    draft = draft_document(invoice, ANY_CUSTOMER)
    del draft["customer_id"]
    return content_digest({"customer": asdict(invoice.customer), "draft": draft})


def bills(export: Export, invoice: Invoice) -> bool:
    """Whether the export's draft and file were made of just this invoice."""
    if export.update_planned:
        return False
    return export.content_sha256 in (digest_of(invoice), digest_of_first_release(invoice))


def digest_of_first_release(invoice: Invoice) -> str:
    """The same as release 0.1 wrote it: the text that Python shows of its values.

    Written out field by field, so that new fields change nothing in it.
    """
    customer = ", ".join(
        f"{name}={getattr(invoice.customer, name)!r}" for name in _CUSTOMER_OF_FIRST_RELEASE
    )
    return hashed([f"Customer({customer})", repr(_draft_of_first_release(invoice))])


_CUSTOMER_OF_FIRST_RELEASE = (
    *("customer_number", "company_name", "first_name", "last_name", "email", "phone_number"),
    *("street", "zip_code", "city", "state", "country", "vat_id", "vat_option"),
    *("purchase_order", "buyer_reference", "currency"),
)


def _draft_of_first_release(invoice: Invoice) -> dict[str, object]:
    customer: Customer = invoice.customer
    return {
        "type": "INVOICE",
        "external_id": invoice.external_id,
        "customer_id": ANY_CUSTOMER,
        "currency": customer.currency,
        "calc_vat_from": 0,
        "vat_option": customer.vat_option,
        "order_number": customer.purchase_order or "",
        "buyer_reference": customer.buyer_reference or "",
        "service_date": {
            "type": "SERVICE",
            "date_from": invoice.month.first_day.isoformat(),
            "date_to": invoice.month.last_day.isoformat(),
        },
        "items": [
            _position_of_first_release(line, place)
            for place, line in enumerate(invoice.lines, start=1)
        ],
    }


def _position_of_first_release(line: LineItem, place: int) -> dict[str, object]:
    return {
        "type": "POSITION",
        "itemType": "SERVICE",
        "position": place,
        "number": line.service_code,
        "description": line.title,
        "quantity": Decimal(plain(line.quantity)),
        "unit": line.unit,
        "single_price_net": Decimal(plain(line.unit_price_net.scaleb(2, EXACT))),
        "vat_percent": Decimal(plain(line.vat_percent)),
    }
