from collections.abc import Callable
from datetime import date
from decimal import Decimal

import httpx
import pytest

from blocks.easybill.calls import ApiCall
from blocks.easybill.client import EasybillClient
from blocks.easybill.errors import NotFound, OutcomeUnknown, Unavailable
from tests.blocks.easybill.wire import KEY, Wire, a_document, a_page, always

Doing = Callable[[EasybillClient], object]

READS: list[Doing] = [
    lambda client: client.list_logins(),
    lambda client: client.find_customers(["K1"]),
    lambda client: client.read_document(7),
    lambda client: list(client.list_documents(edited_from=date(2026, 11, 1))),
    lambda client: list(client.list_attachments()),
]
WRITES: list[Doing] = [
    lambda client: client.create_customer({"number": "K1"}),
    lambda client: client.create_draft({"type": "INVOICE"}),
    lambda client: client.update_draft(7, {"type": "INVOICE"}),
    lambda client: client.delete_draft(7),
    lambda client: client.upload_attachment("a.csv", b"x"),
    lambda client: client.link_attachment(3, 7),
    lambda client: client.delete_attachment(3),
]


def test_a_draft_is_sent_with_exact_numbers_and_its_answer_read() -> None:
    answer = (
        '{"id": 7, "is_draft": true, "number": null, "amount": 33499, "amount_net": 27916,'
        ' "external_id": "oms:2026-10:K1", "attachment_ids": null, "customer_id": 5,'
        ' "edited_at": "2026-11-01 06:00:01", "unheard_of": {},'
        ' "items": [{"single_price_net": 6833.3333, "quantity": 0.1, "itemType": "SERVICE"}]}'
    )
    wire = Wire(always(201, text=answer))
    document = wire.client.create_draft({"items": [{"single_price_net": Decimal("6833.3333")}]})
    (request,) = wire.requests
    assert request.content == b'{"items":[{"single_price_net":6833.3333}]}'
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert (request.method, str(request.url)) == (
        "POST",
        "https://easybill.example/rest/v1/documents",
    )
    assert (document.id, document.is_draft) == (7, True)
    assert (document.amount, document.amount_net) == (33499, 27916)
    assert (document.external_id, document.edited_at) == ("oms:2026-10:K1", "2026-11-01 06:00:01")
    assert document.attachment_ids == ()
    assert len(document.items) == 1


def test_a_float_in_a_body_is_refused_before_anything_is_sent() -> None:
    wire = Wire(always(201, a_document()))
    with pytest.raises(TypeError, match="float"):
        wire.client.create_draft({"items": [{"single_price_net": 1.5}]})
    assert wire.requests == []


def test_a_document_is_read_changed_and_deleted_by_its_id() -> None:
    wire = Wire(lambda request: httpx.Response(200, json=a_document(method=request.method)))
    assert wire.client.read_document(7).amount == 11900
    wire.client.update_draft(7, {"title": "x"})
    wire.client.delete_draft(7)
    assert [(one.method, one.url.path) for one in wire.requests] == [
        ("GET", "/rest/v1/documents/7"),
        ("PUT", "/rest/v1/documents/7"),
        ("DELETE", "/rest/v1/documents/7"),
    ]
    assert wire.requests[1].content == b'{"title":"x"}'


def test_a_deletion_may_be_answered_with_nothing() -> None:
    wire = Wire(always(204, text=""))
    wire.client.delete_draft(7)
    wire.client.delete_attachment(3)
    assert [call.outcome for call in wire.calls] == ["success", "success"]


def test_deleting_what_does_not_exist_is_not_found() -> None:
    with pytest.raises(NotFound):
        Wire(always(404)).client.delete_draft(7)


def test_a_file_is_uploaded_as_the_field_file_and_linked_to_a_document() -> None:
    wire = Wire(always(201, {"id": 3, "file_name": "ä.csv", "size": 4, "document_id": None}))
    attachment = wire.client.upload_attachment("2026-10-K1-abc.csv", "a;ö\n".encode())
    upload = wire.requests[0]
    assert upload.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b'name="file"; filename="2026-10-K1-abc.csv"' in upload.content
    assert "\r\n\r\na;ö\n\r\n--".encode() in upload.content
    assert (attachment.id, attachment.file_name, attachment.document_id) == (3, "ä.csv", None)
    wire.client.link_attachment(3, 7)
    link = wire.requests[1]
    assert (link.method, link.url.path, link.content) == (
        "PUT",
        "/rest/v1/attachments/3",
        b'{"document_id":7}',
    )


def test_a_list_is_read_from_its_last_page_to_its_first() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params["page"])
        assert request.url.params["limit"] == "1000"
        entry = {"id": page, "file_name": "x"}
        return httpx.Response(200, json=a_page(entry, page=page, pages=3) | {"total": 3})

    wire = Wire(answer)
    assert [attachment.id for attachment in wire.client.list_attachments()] == [1, 2, 3]
    assert [request.url.params["page"] for request in wire.requests] == ["1", "3", "2", "1"]


def test_a_list_that_changes_while_it_is_read_is_read_again() -> None:
    standing = [1, 2, 3, 4]

    def answer(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params["page"])
        entries = [{"id": n, "file_name": "x"} for n in standing[2 * page - 2 : 2 * page]]
        total = len(standing)
        if len(wire.requests) == 2:
            standing.remove(1)
        return httpx.Response(200, json=a_page(*entries, page=page, pages=2) | {"total": total})

    wire = Wire(answer)
    assert [attachment.id for attachment in wire.client.list_attachments()] == [2, 3, 4]
    assert len(wire.requests) == 6


def test_a_list_that_always_changes_is_unavailable() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params["page"])
        entry = {"id": page, "file_name": "x"}
        total = len(wire.requests)
        return httpx.Response(200, json=a_page(entry, page=page, pages=2) | {"total": total})

    wire = Wire(answer)
    with pytest.raises(Unavailable, match="another list at each reading"):
        wire.client.list_attachments()


def test_a_list_that_claims_endless_pages_is_not_read() -> None:
    page = a_page({"id": 1, "file_name": "x"}, page=1, pages=10**9)
    wire = Wire(always(200, page | {"total": 10**12}))
    with pytest.raises(Unavailable, match="1000000000 pages"):
        wire.client.list_attachments()
    assert len(wire.requests) == 1


def test_an_empty_list_takes_one_request() -> None:
    wire = Wire(always(200, {"page": 1, "pages": 0, "limit": 1000, "total": 0, "items": []}))
    assert wire.client.list_logins() == []
    assert len(wire.requests) == 1


def test_a_server_that_repeats_a_page_is_not_believed() -> None:
    wire = Wire(always(200, a_page({"id": 1, "file_name": "x"}, page=1, pages=2)))
    with pytest.raises(Unavailable):
        list(wire.client.list_attachments())
    assert len(wire.requests) == 2


def test_documents_are_listed_from_a_day_on_without_an_end() -> None:
    wire = Wire(always(200, a_page(a_document(edited_at="2031-01-01 00:00:00"))))
    assert len(wire.client.list_documents(edited_from=date(2026, 11, 1))) == 1
    assert wire.requests[0].url.query == (
        b"type=INVOICE&edited_at=2026-11-01,2999-12-31&limit=1000&page=1"
    )


def test_customers_are_found_by_their_exact_number() -> None:
    found = [
        {"id": 1, "number": "K1"},
        {"id": 2, "number": "k1"},
        {"id": 3, "number": "K2", "emails": None},
        {"id": 4, "number": "K2"},
        {"id": 5, "number": None},
    ]
    wire = Wire(always(200, a_page(*found)))
    customers = wire.client.find_customers(["K2", "K1", "K3", "K1"])
    assert {number: [one.id for one in several] for number, several in customers.items()} == {
        "K1": [1],
        "K2": [3, 4],
    }
    assert wire.requests[0].url.raw_path == (
        b"/rest/v1/customers?number=K1,K2,K3&limit=1000&page=1"
    )


def test_no_numbers_need_no_request() -> None:
    wire = Wire(always(500))
    assert wire.client.find_customers([]) == {}
    assert wire.requests == []


@pytest.mark.parametrize("do", READS)
@pytest.mark.parametrize(
    "text", ["", "<html>", "[]", "{}", '{"id": 1.5}', '{"page": 1, "pages": 1, "items": [{}]}']
)
def test_a_read_answered_with_something_else_may_be_repeated(do: Doing, text: str) -> None:
    with pytest.raises(Unavailable, match="was answered with 200"):
        do(Wire(always(200, text=text)).client)


@pytest.mark.parametrize("do", [WRITES[0], WRITES[1], WRITES[2], WRITES[4], WRITES[5]])
@pytest.mark.parametrize("text", ["", "<html>", "[]", "{}", '{"id": 1.5}', '{"id": NaN}'])
def test_a_write_answered_with_something_else_has_an_unknown_outcome(do: Doing, text: str) -> None:
    wire = Wire(always(201, text=text))
    with pytest.raises(OutcomeUnknown, match="look before sending it again"):
        do(wire.client)
    assert [(call.status, call.outcome) for call in wire.calls] == [(201, "unknown")]


@pytest.mark.parametrize("do", [*READS, *WRITES])
def test_a_failing_call_is_one_attempt_and_is_reported_before_it_is_raised(do: Doing) -> None:
    wire = Wire(always(400, {"code": 1, "message": "Nein."}))
    with pytest.raises(Exception, match="Nein") as raised:
        do(wire.client)
    (call,) = wire.calls
    assert len(wire.requests) == 1
    assert (call.status, call.outcome, call.error) == (400, "failure", str(raised.value))
    assert call.path == wire.requests[0].url.path.removeprefix("/rest/v1")
    assert call.method == wire.requests[0].method
    assert call.at.utcoffset() is not None
    assert call.duration_ms >= 0


def test_another_observer_gets_only_its_own_calls() -> None:
    wire = Wire(always(200, a_page()))
    heard: list[ApiCall] = []
    sibling = wire.client.reporting_to(heard.append)
    sibling.list_logins()
    wire.client.list_logins()
    assert (len(heard), len(wire.calls), len(wire.requests)) == (1, 1, 2)


def test_an_interrupted_write_is_reported_as_unknown() -> None:
    def interrupt(_: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    wire = Wire(interrupt)
    with pytest.raises(KeyboardInterrupt):
        wire.client.delete_draft(7)
    with pytest.raises(KeyboardInterrupt):
        wire.client.read_document(7)
    assert [call.outcome for call in wire.calls] == ["unknown", "failure"]
    assert wire.calls[0].error == "KeyboardInterrupt"


def test_the_key_is_in_no_text_of_the_client() -> None:
    wire = Wire(always(401, {"message": f"Schlüssel {KEY} unbekannt"}))
    with pytest.raises(Exception, match="Schlüssel") as raised, wire.client as client:
        client.list_logins()
    assert KEY not in f"{wire.client!r} {wire.client} {raised.value!r} {wire.calls}"


def test_nothing_finalises_or_sends() -> None:
    assert not [name for name in dir(EasybillClient) if "done" in name or "send_" in name]
