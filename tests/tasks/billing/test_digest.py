"""Digests: what is billed, whoever asks and whenever."""

from decimal import Decimal

from tasks.billing.digest import content_digest, line_digest
from tests.tasks.billing.test_invoice import LINE

CONTENT = {"customer": {"customer_number": "K1"}, "items": [{"quantity": Decimal("1.50")}]}


def test_the_digests_are_pinned() -> None:
    assert line_digest(LINE) == "b7a7ae9d89baf8eb51e3298c90a1fdcc7b01089c056d6198b5ad36fa105f3474"
    assert (
        content_digest(CONTENT)
        == "9af39ecd427e8ef2301a47cc4a1b1f9fcee5f45365e701b360b2943d3a447087"
    )


def test_a_field_that_is_not_set_counts_as_not_there() -> None:
    unset = {"customer": {"customer_number": "K1", "email": None, "city": ""}}
    assert content_digest({**CONTENT, **unset, "text": None}) == content_digest(CONTENT)


def test_a_field_that_is_set_changes_the_digest() -> None:
    assert content_digest({**CONTENT, "text": "Danke"}) != content_digest(CONTENT)


def test_a_number_is_the_same_however_it_is_written() -> None:
    assert content_digest({**CONTENT, "items": [{"quantity": Decimal("1.5")}]}) == content_digest(
        CONTENT
    )


def test_the_order_of_fields_does_not_count_and_that_of_items_does() -> None:
    assert content_digest(dict(reversed(CONTENT.items()))) == content_digest(CONTENT)
    assert content_digest({"items": [1, 2]}) != content_digest({"items": [2, 1]})
