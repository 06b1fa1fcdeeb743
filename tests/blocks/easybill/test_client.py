import gzip
import operator
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
READ_A_FILE: Doing = operator.methodcaller("read_attachment", 3)
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
        ' "currency": "EUR", "cancel_id": null,'
        ' "edited_at": "2026-11-01 06:00:01", "unheard_of": {},'
        ' "items": [{"single_price_net": 6833.3333, "quantity": 0.10, "vat_percent": 19,'
        ' "number": "S1", "description": "a\\nb", "itemType": "SERVICE"}]}'
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
    assert (document.customer_id, document.number, document.currency) == (5, None, "EUR")
    (position,) = document.items
    assert (position.type, position.number, position.description) == ("POSITION", "S1", "a\nb")
    numbers = (position.quantity, position.single_price_net, position.vat_percent)
    assert repr(numbers) == "(Decimal('0.10'), Decimal('6833.3333'), Decimal('19'))"


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


@pytest.mark.parametrize("content", [b"", b"a;b\r\n\xff", bytes(range(256))])
def test_a_file_is_read_back_byte_for_byte(content: bytes) -> None:
    packed = {"Content-Encoding": "gzip", "Content-Type": "text/csv; charset=latin-1"}
    wire = Wire(lambda _: httpx.Response(200, content=gzip.compress(content), headers=packed))
    assert wire.client.read_attachment(3) == content
    (request,) = wire.requests
    assert (request.method, request.url.path) == ("GET", "/rest/v1/attachments/3/content")


def test_a_file_that_is_gone_cannot_be_read_back() -> None:
    with pytest.raises(NotFound):
        Wire(always(404)).client.read_attachment(3)


def test_documents_can_be_listed_without_their_positions() -> None:
    odd = a_document(id=8, items=[{"quantity": "1,5"}])
    wire = Wire(always(200, a_page(a_document(items=[{"number": "S1"}]), odd)))
    found = wire.client.list_documents(edited_from=date(2026, 11, 1), positions=False)
    assert [(document.id, document.items) for document in found] == [(7, ()), (8, ())]  # type: ignore[union-attr]


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


@pytest.mark.parametrize("do", [*READS, READ_A_FILE, *WRITES])
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
