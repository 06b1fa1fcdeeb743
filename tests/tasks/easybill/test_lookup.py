from datetime import date

import httpx
import pytest

from tasks.easybill.lookup import EasybillLookup
from tests.blocks.easybill.wire import Wire, a_document, a_page


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
