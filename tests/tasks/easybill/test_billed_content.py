"""Whether a draft was made of just this invoice, also one of the first release."""

import json
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from tasks.billing.draft_terms import DraftTerms
from tasks.billing.invoice import Customer, Invoice
from tasks.easybill.billed_content import bills, digest_of, digest_of_first_release
from tasks.easybill.draft import draft_document
from tests.tasks.billing.test_invoice import FEE, LINE, OCTOBER
from tests.tasks.plan.test_decide import DELIVERED

INVOICE = Invoice.of(OCTOBER, Customer("K1", company_name="Weiß GmbH"), [LINE, FEE])
TEXTS = st.one_of(st.none(), st.text(max_size=8))


def test_the_digests_of_an_invoice_are_pinned() -> None:
    assert digest_of(INVOICE) == "11ef28e3e062b1eec0ab7c97fa1b2733d6ac61a362947532d19937ae81fa92f9"
    assert (
        digest_of_first_release(INVOICE)
        == "4f92b3d6e5d539148d8012b5df130f7000a003c20de73fe8d8f022991824ec88"
    )


@given(
    st.builds(Customer, st.text(min_size=1, max_size=5), TEXTS, email=TEXTS, vat_option=TEXTS),
    st.lists(st.builds(lambda title: replace(LINE, title=title), st.text(max_size=9)), max_size=3),
)
def test_the_digest_of_the_first_release_is_what_it_wrote(customer: Customer, lines: list) -> None:  # type: ignore[type-arg]
    invoice = Invoice.of(OCTOBER, customer, lines)
    parts = [repr(customer), repr(draft_document(invoice, 0))]
    assert digest_of_first_release(invoice) == sha256(json.dumps(parts).encode()).hexdigest()


def test_a_draft_bills_what_either_digest_says_and_nothing_that_is_being_updated() -> None:
    for digest in (digest_of(INVOICE), digest_of_first_release(INVOICE)):
        assert bills(replace(DELIVERED, content_sha256=digest), INVOICE)
        assert not bills(replace(DELIVERED, content_sha256=digest, update_planned=True), INVOICE)
    assert not bills(replace(DELIVERED, content_sha256="0" * 64), INVOICE)


def test_the_customer_of_easybill_and_the_day_do_not_count_and_every_field_of_ours_does() -> None:
    moved = replace(INVOICE, customer=replace(INVOICE.customer, street="Weg 1"))
    dearer = replace(INVOICE, lines=(replace(LINE, unit_price_net=LINE.unit_price_net + 1), FEE))
    booked = replace(INVOICE, lines=(replace(LINE, booking_account="8400"), FEE))
    greeted = replace(INVOICE, terms=DraftTerms(text_prefix="Guten Tag"))
    later = replace(INVOICE, customer=replace(INVOICE.customer, due_in_days=Decimal(30)))
    others = (moved, dearer, booked, greeted, later)
    assert len({digest_of(invoice) for invoice in (INVOICE, *others)}) == 6
    assert len({digest_of_first_release(invoice) for invoice in (INVOICE, *others)}) == 6
