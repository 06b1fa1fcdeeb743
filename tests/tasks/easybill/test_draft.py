from dataclasses import replace
from decimal import Decimal

from tasks.billing.draft_terms import DraftTerms
from tasks.billing.invoice import Customer, Invoice
from tasks.easybill.draft import draft_document
from tests.tasks.billing.test_invoice import FEE, LINE, OCTOBER


def test_a_draft_says_everything_that_easybill_needs() -> None:
    customer = Customer("K1", vat_option="IG", purchase_order="PO-9", buyer_reference="04011000-1")
    line = replace(
        LINE,
        service_code="C-7",
        quantity=Decimal("2.5000"),
        unit="h",
        unit_price_net=Decimal("1.2345"),
        vat_percent=Decimal("0.0000"),
    )
    assert draft_document(Invoice.of(OCTOBER, customer, [line]), 4711) == {
        "type": "INVOICE",
        "external_id": "oms:2026-10:K1",
        "customer_id": 4711,
        "currency": "EUR",
        "calc_vat_from": 0,
        "vat_option": "IG",
        "order_number": "PO-9",
        "buyer_reference": "04011000-1",
        "service_date": {"type": "SERVICE", "date_from": "2026-10-01", "date_to": "2026-10-31"},
        "items": [
            {
                "type": "POSITION",
                "itemType": "SERVICE",
                "position": 1,
                "number": "C-7",
                "description": "Beratung",
                "quantity": Decimal("2.5"),
                "unit": "h",
                "single_price_net": Decimal("123.45"),  # cents: 1.2345 EUR
                "vat_percent": Decimal(0),
            }
        ],
    }


def test_what_accounting_asks_for_is_in_the_draft_where_it_is_set() -> None:
    line = replace(LINE, booking_account="8400", cost_centre="100")
    terms = DraftTerms("Guten Tag", "Danke", "DE", 7, due_in_days=14, is_dated_at_month_end=True)
    invoice = Invoice.of(OCTOBER, Customer("K1"), [line, FEE], terms=terms)
    draft = draft_document(invoice, 1)
    assert {
        "text_prefix": "Guten Tag",
        "text": "Danke",
        "pdf_template": "DE",
        "login_id": 7,
        "due_in_days": 14,
        "document_date": "2026-10-31",
    }.items() <= draft.items()
    assert isinstance(draft["items"], list)
    (position,) = [item for item in draft["items"] if "booking_account" in item]
    assert (position["booking_account"], position["export_cost_1"]) == ("8400", "100")
    own = replace(invoice, customer=Customer("K1", due_in_days=Decimal(0)))
    assert draft_document(own, 1)["due_in_days"] == 0


def test_positions_are_numbered_in_the_invoices_order() -> None:
    items = draft_document(Invoice.of(OCTOBER, Customer("K1"), [FEE, LINE]), 1)["items"]
    assert isinstance(items, list)
    assert [(item["position"], item["vat_percent"]) for item in items] == [
        (1, Decimal(20)),
        (2, Decimal(20)),
    ]
    assert [item["number"] for item in items] == [None, None]
