from datetime import date

import httpx
import pytest

from blocks.easybill.errors import Unreadable
from tasks.easybill.lookup import EasybillLookup
from tests.blocks.easybill.wire import Wire, a_document, a_page, always


@pytest.fixture
def wire() -> Wire:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/attachments"):
            return httpx.Response(200, json=a_page({"id": 5, "file_name": "x.csv"}))
        taken = len(fake.requests)
        entries = [a_document(id=n, external_id=f"oms:{n}") for n in range(taken)]
        return httpx.Response(200, json=a_page(*entries, a_document(id=99, external_id=None)))

    fake = Wire(answer)
    return fake


def test_everyone_who_asks_shares_one_listing(wire: Wire) -> None:
    lookup = EasybillLookup(wire.client, date(2026, 11, 1))
    assert [document.id for document in lookup.documents("oms:0")] == [0]
    assert lookup.documents("oms:7") == []
    assert len(wire.requests) == 1
    assert [attachment.id for attachment in lookup.attachments("x.csv")] == [5]
    assert len(wire.requests) == 2


def test_a_lost_answer_makes_the_next_question_look_again(wire: Wire) -> None:
    lookup = EasybillLookup(wire.client, date(2026, 11, 1))
    assert lookup.documents("oms:1") == []
    lookup.outdate()
    assert [document.id for document in lookup.documents("oms:1")] == [1]
    assert len(wire.requests) == 2


def test_what_cannot_be_read_is_the_trouble_of_those_who_ask_for_it() -> None:
    odd = a_document(id=1, amount=None)
    mine = a_document(id=2, external_id="oms:2026-10:K1", items=[{"quantity": "1,5"}])
    sound = a_document(id=3, external_id="oms:2026-10:K2")
    lookup = EasybillLookup(Wire(always(200, a_page(odd, mine, sound))).client, date(2026, 11, 1))
    assert [document.id for document in lookup.documents("oms:2026-10:K2")] == [3]
    assert lookup.documents("oms:2026-10:K3") == []
    for _ in range(2):
        with pytest.raises(Unreadable, match=r"document 2 \(oms:2026-10:K1\)"):
            lookup.documents("oms:2026-10:K1")
    assert [entry.id for entry in lookup.all_documents()] == [2, 3]


def test_a_file_that_cannot_be_read_is_asked_for_by_its_name_alone() -> None:
    files = [{"id": 1, "file_name": 5}, {"id": "2", "file_name": "x.csv", "document_id": "none"}]
    lookup = EasybillLookup(Wire(always(200, a_page(*files))).client, date(2026, 11, 1))
    assert lookup.attachments("y.csv") == []
    assert list(lookup.all_attachments()) == []
    with pytest.raises(Unreadable, match=r"file None \(x.csv\)"):
        lookup.attachments("x.csv")
