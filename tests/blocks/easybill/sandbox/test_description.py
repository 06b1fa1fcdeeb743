"""The sandbox answers as easybill's own description says."""

from collections.abc import Iterator, Mapping

import httpx
import pytest

from blocks.easybill.sandbox.fields import (
    ATTACHMENT,
    CUSTOMER,
    DOCUMENT,
    PAYMENT,
    POSITION,
    SERVICE_DATE,
    Field,
)
from blocks.easybill.sandbox.filters import CUSTOMER_FILTERS, DOCUMENT_FILTERS
from tests.blocks.easybill.sandbox.bodies import create_draft, customer, draft, position, upload
from tests.easybill_sandbox import RunningSandbox, exact
from tests.openapi import ApiDescription, Message

_KINDS = {
    "string": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "flag",
    "array": "list",
    "object": "object",
}


@pytest.fixture(scope="module")
def api() -> ApiDescription:
    return ApiDescription.load()


@pytest.fixture
def judged(sandbox: RunningSandbox, api: ApiDescription) -> Iterator[RunningSandbox]:
    """A sandbox that compares each request and answer with the description."""
    faults: list[str] = []

    def judge(answer: httpx.Response) -> None:
        answer.read()
        path = answer.request.url.path.removeprefix("/rest/v1")
        body = answer.content.decode("utf-8", "replace")
        message = Message(answer.request.method, path, body=body, status=answer.status_code)
        faults.extend(api.answer_faults(message))

    sandbox.http.event_hooks["response"].append(judge)
    yield sandbox
    requests = [Message.recorded(request) for request in sandbox.requests()]
    assert [fault for each in requests for fault in api.request_faults(each)] == []
    assert faults == []
    assert requests


def test_logins_are_as_described(judged: RunningSandbox) -> None:
    (login,) = exact(judged.http.get("/logins", params={"limit": 10, "page": 1}))["items"]
    assert exact(judged.http.get(f"/logins/{login['id']}"))["display_name"]


def test_customers_are_as_described(judged: RunningSandbox) -> None:
    created = exact(judged.http.post("/customers", json=customer("K1", emails=["a@b.example"])))
    path = f"/customers/{created['id']}"
    assert exact(judged.http.put(path, json={"city": "Köln"}))["city"] == "Köln"
    assert exact(judged.http.get(path))["city"] == "Köln"
    query = "number=K1,K2&emails=a@b.example&company_name=Firma K1&limit=1000"
    assert exact(judged.http.get(f"/customers?{query}"))["total"] == 1
    assert judged.http.delete(path).status_code == 204
    assert judged.http.get(path).status_code == 404


def test_documents_are_as_described(judged: RunningSandbox) -> None:
    created = exact(judged.http.post("/customers", json=customer()))
    items = [position(), position(type="TEXT", number=None), position(single_price_net=None)]
    document = create_draft(judged, created["id"], items=items)
    path = f"/documents/{document['id']}"
    query = {"type": "INVOICE", "is_draft": "1", "edited_at": document["edited_at"][:10]}
    assert exact(judged.http.get("/documents", params=query))["total"] == 1
    assert exact(judged.http.put(path, json={"title": "Oktober"}))["title"] == "Oktober"
    assert exact(judged.http.put(f"{path}/done"))["is_draft"] is False
    storno = exact(judged.http.post(f"{path}/cancel"))
    assert (storno["type"], storno["ref_id"]) == ("STORNO", document["id"])
    assert exact(judged.http.get(path))["due_date"]
    judged.when_finalised(update="makes a version", delete="deleted")
    assert exact(judged.http.put(f"{path}?reason_for_change=x", json={}))["is_draft"] is False
    (version,) = exact(judged.http.get(f"{path}/versions?limit=10"))["items"]
    assert exact(judged.http.get(f"{path}/versions/{version['id']}")) == version
    assert judged.http.delete(path).status_code == 204
    other = create_draft(judged, None, vat_option="IG", calc_vat_from=1)
    assert judged.http.delete(f"/documents/{other['id']}").status_code == 204


def test_payments_are_as_described(judged: RunningSandbox) -> None:
    document = create_draft(judged)
    judged.http.put(f"/documents/{document['id']}/done")
    payment = {"document_id": document["id"], "amount": 100, "payment_at": "2026-11-20"}
    paid = exact(judged.http.post("/document-payments", json=payment))
    assert exact(judged.http.get("/document-payments?limit=10"))["items"] == [paid]
    query = {"type": "INVOICE,STORNO", "paid_at": "2026-11-01,2999-12-31"}
    assert exact(judged.http.get("/documents", params=query))["total"] == 0
    judged.http.post("/document-payments", json={**payment, "amount": document["amount"]})
    assert exact(judged.http.get("/documents", params=query))["total"] == 1


def test_attachments_are_as_described(judged: RunningSandbox) -> None:
    document, attachment = create_draft(judged), upload(judged)
    path = f"/attachments/{attachment['id']}"
    linked = exact(judged.http.put(path, json={"document_id": document["id"]}))
    assert linked == exact(judged.http.get(path))
    assert exact(judged.http.get("/attachments"))["items"] == [linked]
    assert judged.http.get(f"{path}/content").content == b"a;b\n"
    assert judged.http.delete(path).status_code == 204


def test_refusals_have_documented_statuses(judged: RunningSandbox) -> None:
    assert judged.http.get("/documents/9").status_code == 404
    assert judged.http.post("/documents", json=draft(99)).status_code == 400
    assert judged.http.get("/documents", headers={"Authorization": ""}).status_code == 401


def declared(field: Field) -> tuple[str, bool, bool, frozenset[object]]:
    kind = "text" if field.kind == "date" else field.kind
    return kind, field.nullable, field.read_only, field.choices


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("Document", DOCUMENT),
        ("DocumentPosition", POSITION),
        ("ServiceDate", SERVICE_DATE),
        ("Customer", CUSTOMER),
        ("DocumentPayment", PAYMENT),
        ("Attachment", ATTACHMENT),
    ],
)
def test_the_fields_are_those_of_the_description(
    api: ApiDescription, name: str, fields: Mapping[str, Field]
) -> None:
    described = api.definition(name)["properties"]
    assert set(fields) == set(described)
    for field_name, field in fields.items():
        node = described[field_name]
        reference = node.get("$ref", "").rpartition("/")[2]
        node = api.definition(reference) if reference else node
        read_only = bool(node.get("readOnly"))
        assert field.read_only is read_only, field_name
        if not read_only:
            choices = frozenset(node.get("enum", ()))
            expected = (_KINDS[node["type"]], bool(node.get("x-nullable")), False, choices)
            assert declared(field) == expected, field_name


@pytest.mark.parametrize(
    ("path", "filters"), [("/customers", CUSTOMER_FILTERS), ("/documents", DOCUMENT_FILTERS)]
)
def test_the_filters_are_those_of_the_description(
    api: ApiDescription, path: str, filters: Mapping[str, object]
) -> None:
    described = {each["name"] for each in api.parameters("GET", path)}
    assert {*filters, "page", "limit"} == described
