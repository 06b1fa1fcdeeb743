"""What is not as the API describes it, in a list that holds other people's things too."""

from datetime import date

import pytest

from blocks.easybill.errors import Unavailable
from blocks.easybill.models import Customer, Document, Position, UnreadableEntry
from tests.blocks.easybill.wire import Wire, a_document, a_page, always

ODD = [
    {"amount": None},
    {"amount": 119.5},
    {"amount_net": "1,00"},
    {"is_draft": "maybe"},
    {"id": "first"},
    {"items": [{"quantity": "1,5"}]},
    {"items": [{"single_price_net": [1]}]},
    {"items": "none"},
    {"number": 5},
]


@pytest.mark.parametrize("odd", ODD)
def test_a_document_that_cannot_be_read_does_not_hide_the_others(odd: dict[str, object]) -> None:
    listed = [a_document(**odd), a_document(id=8, items=[])]
    found = Wire(always(200, a_page(*listed))).client.list_documents(edited_from=date(2026, 11, 1))
    assert [type(entry) for entry in found] == [UnreadableEntry, Document]
    assert found[1].id == 8


@pytest.mark.parametrize("odd", ODD)
def test_a_document_of_ours_that_cannot_be_read_still_tells_its_external_id(
    odd: dict[str, object],
) -> None:
    document = a_document(external_id="oms:2026-10:K1", **odd)
    wire = Wire(always(200, a_page(document)))
    (found,) = wire.client.list_documents(edited_from=date(2026, 11, 1))
    assert isinstance(found, UnreadableEntry)
    assert found.external_id == "oms:2026-10:K1"
    assert found.id == (None if "id" in odd else 7)
    with pytest.raises(Unavailable):
        Wire(always(200, document)).client.read_document(7)


def test_a_line_of_text_and_null_lists_can_be_read() -> None:
    text = {"type": "TEXT", "quantity": None, "single_price_net": None, "description": "Danke"}
    wire = Wire(always(200, a_page(a_document(items=[text]), a_document(items=None))))
    found = wire.client.list_documents(edited_from=date(2026, 11, 1))
    assert found[0].items == (Position("TEXT", description="Danke"),)  # type: ignore[union-attr]
    assert found[1].items == ()  # type: ignore[union-attr]


def test_files_and_customers_of_others_need_not_be_readable() -> None:
    odd = {"id": 1, "file_name": None, "document_id": "none"}
    file = {"id": 2, "file_name": "ours.csv", "document_id": "none"}
    wire = Wire(always(200, a_page(odd, file)))
    assert wire.client.list_attachments() == [
        UnreadableEntry(id=1),
        UnreadableEntry(id=2, file_name="ours.csv"),
    ]
    other = {"id": 1, "number": 7, "vat_identifier": 5}
    wire = Wire(always(200, a_page(other, {"id": 2, "number": "K1"}, {"number": "K2"})))
    found = wire.client.find_customers(["K1", "K2"])
    assert [type(entry) for entry in found["K1"]] == [Customer]
    assert found["K2"] == [UnreadableEntry(number="K2")]
    assert found.keys() == {"K1", "K2"}
    assert [*Wire(always(200, a_page(other))).client.find_customers(["7"])] == ["7"]


@pytest.mark.parametrize("entry", [None, 7, "x", [{}]])
def test_a_list_of_something_else_is_no_list(entry: object) -> None:
    with pytest.raises(Unavailable):
        Wire(always(200, a_page(entry))).client.list_attachments()
