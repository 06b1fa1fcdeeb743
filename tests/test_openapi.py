"""The judge of requests and answers sees what the description forbids."""

import json
from typing import Any

import pytest

from tests.openapi import ApiDescription, Message

Json = dict[str, Any]

DRAFT: Json = {
    "type": "INVOICE",
    "external_id": "oms:2026-10:K1",
    "customer_id": 7,
    "vat_option": None,
    "service_date": {"type": "SERVICE", "date_from": "2026-10-01", "date_to": "2026-10-31"},
    "items": [{"type": "POSITION", "quantity": 1.5, "single_price_net": 6833, "unit": None}],
}
LIST: Json = {"page": 1, "pages": 1, "limit": 100, "total": 1, "items": [{"id": 1}]}
FORM = (
    '--B\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\na;b\r\n--B--\r\n'
)


@pytest.fixture(scope="module")
def api() -> ApiDescription:
    return ApiDescription.load()


def changed(where: str, value: object) -> str:
    body: Any = json.loads(json.dumps(DRAFT))
    inner = body
    *path, last = where.split(".")
    for step in path:
        inner = inner[int(step)] if step.isdigit() else inner[step]
    inner[last] = value
    return json.dumps(body)


def posted(body: str, path: str = "/documents", method: str = "POST") -> Message:
    return Message(method, path, body=body)


def test_a_sound_request_has_no_faults(api: ApiDescription) -> None:
    assert api.request_faults(posted(json.dumps(DRAFT))) == []


@pytest.mark.parametrize(
    ("where", "value", "fault"),
    [
        ("customer_id", "7", "customer_id: '7' is not of type 'integer', 'null'"),
        ("items.0.quantity", "1", "items[0].quantity: '1' is not of type 'number'"),
        ("items.0.quantity", None, "items[0].quantity: None is not of type 'number'"),
        ("items.0.quantity", True, "items[0].quantity: True is not of type 'number'"),
        ("items", {}, "items: {} is not of type 'array'"),
        ("vat_option", "half", "vat_option: 'half' is not one of"),
        ("service_date.date_to", "31.10.2026", "service_date.date_to: '31.10.2026' does not match"),
        ("reference", "x", "the body: Additional properties are not allowed ('reference' was"),
        ("items.0.price", 1, "items[0]: Additional properties are not allowed ('price' was"),
        ("id", 1, "id is read only"),
        ("is_draft", True, "is_draft is read only"),
        ("attachment_ids", [], "attachment_ids is read only"),
        ("address", {}, "address is read only"),
        ("items.0.total_price_net", 1, "items[0].total_price_net is read only"),
    ],
)
def test_a_wrong_body_is_seen(api: ApiDescription, where: str, value: object, fault: str) -> None:
    (found,) = api.request_faults(posted(changed(where, value)))
    assert found.startswith(f"POST /documents: {fault}")


def test_a_body_that_is_no_json_is_seen(api: ApiDescription) -> None:
    assert api.request_faults(posted("{")) == ["POST /documents: the body is no JSON"]


def test_a_body_where_none_belongs_is_seen(api: ApiDescription) -> None:
    request = posted("{}", "/documents/1", "DELETE")
    assert api.request_faults(request) == ["DELETE /documents/1: a body is not expected"]


def test_a_new_customer_needs_both_names_and_a_changed_one_does_not(api: ApiDescription) -> None:
    body = json.dumps({"last_name": "Vogel"})
    (fault,) = api.request_faults(posted(body, "/customers"))
    assert "'company_name' is a required property" in fault
    assert api.request_faults(posted(body, "/customers/1", "PUT")) == []


@pytest.mark.parametrize(
    ("name", "text", "is_sound"),
    [
        ("limit", "1000", True),
        ("limit", "1001", False),
        ("limit", "many", False),
        ("page", "0", False),
        ("type", "INVOICE,CREDIT", True),
        ("type", "BILL", False),
        ("is_draft", "true", False),
        ("number[]", "1", True),
        ("external_id", "oms:2026-10:K1", False),
    ],
)
def test_query_parameters_are_held_against_the_description(
    api: ApiDescription, name: str, text: str, is_sound: bool
) -> None:
    request = Message("GET", "/documents", query=[(name, text)])
    assert (api.request_faults(request) == []) is is_sound


def test_an_upload_is_one_file(api: ApiDescription) -> None:
    multipart = "multipart/form-data; boundary=B"
    sound = Message("POST", "/attachments", content_type=multipart, body=FORM)
    renamed = Message(
        "POST", "/attachments", content_type=multipart, body=FORM.replace('"file"', '"upload"')
    )
    plain = Message("POST", "/attachments", content_type="text/csv", body=FORM)
    assert api.request_faults(sound) == []
    assert "the form has the fields ['upload']" in api.request_faults(renamed)[0]
    assert "no multipart/form-data" in api.request_faults(plain)[0]


@pytest.mark.parametrize(("method", "path"), [("POST", "/imports"), ("PATCH", "/documents/1")])
def test_an_operation_that_does_not_exist_is_seen(
    api: ApiDescription, method: str, path: str
) -> None:
    (fault,) = api.request_faults(Message(method, path))
    assert "knows no such operation" in fault


def test_the_longer_path_wins_over_the_one_with_a_placeholder(api: ApiDescription) -> None:
    assert api.request_faults(Message("PUT", "/documents/1/done")) == []


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (200, LIST, ""),
        (200, {**LIST, "items": [{"id": 1, "due_date": None, "amount": 1}]}, ""),
        (200, {**LIST, "items": [{"id": "1"}]}, "items[0].id: '1' is not of type 'integer'"),
        (200, {**LIST, "items": [{"ident": 1}]}, "items[0]: Additional properties"),
        (200, {**LIST, "items": [{"amount": None}]}, "items[0].amount: None is not of type"),
        (200, {"items": []}, "the body: 'page' is a required property"),
        (500, {}, "the status is not documented"),
        (429, {"code": 429}, ""),
    ],
)
def test_answers_are_held_against_the_description(
    api: ApiDescription, status: int, body: Json, fault: str
) -> None:
    answer = Message("GET", "/documents", body=json.dumps(body), status=status)
    faults = api.answer_faults(answer)
    assert bool(faults) is bool(fault)
    assert fault in "".join(faults)
