"""Drafts: created, changed, finalised, listed."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from tests.blocks.easybill.sandbox.bodies import add_customer, create_draft, draft, position, upload
from tests.easybill_sandbox import RunningSandbox, exact, running_sandbox

Json = dict[str, Any]


def test_a_fresh_document_is_a_draft_without_a_number(sandbox: RunningSandbox) -> None:
    document = create_draft(sandbox, add_customer(sandbox, city="Köln"))
    assert document["is_draft"] is True
    assert (document["number"], document["due_date"]) == (None, None)
    assert document["attachment_ids"] == []
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", document["created_at"])
    assert document["address"]["city"] == "Köln"
    assert exact(sandbox.http.get(f"/documents/{document['id']}")) == document


def test_an_external_id_is_not_unique(sandbox: RunningSandbox) -> None:
    first, second = create_draft(sandbox), create_draft(sandbox)
    assert first["external_id"] == second["external_id"]
    assert first["id"] != second["id"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("customer_id", 4711),
        ("customer_id", "1"),
        ("calc_vat_from", 2),
        ("vat_option", "none"),
        ("items", None),
        ("document_date", "01.10.2026"),
        ("document_date", "2026-02-30"),
        ("is_archive", 1),
        ("discount", "10"),
        ("service_date", {"type": "SERVICE"}),
        ("service_date", {"type": "SERVICE", "date_from": "2026-10-01"}),
        ("service_date", {"type": "SERVICE", "date": "2026-10-01", "text": "Oktober"}),
        ("service_date", {"type": "SERVICE", "date_from": "2026-10-02", "date_to": "2026-10-01"}),
    ],
)
def test_a_wrong_value_is_refused_with_its_field(
    sandbox: RunningSandbox, field: str, value: object
) -> None:
    answer = sandbox.http.post("/documents", json={**draft(None), field: value})
    assert answer.status_code == 400
    assert answer.json()["arguments"] == [field]
    assert sandbox.drafts() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("quantity", "1"), ("vat_percent", None), ("type", "LINE"), ("position", 1.5)],
)
def test_a_wrong_value_in_a_position_is_refused_with_its_place(
    sandbox: RunningSandbox, field: str, value: object
) -> None:
    body = draft(None, items=[{}, {field: value}])
    answer = sandbox.http.post("/documents", json=body)
    assert answer.json()["arguments"] == [f"items[1].{field}"]


def test_a_position_that_is_no_object_is_refused(sandbox: RunningSandbox) -> None:
    answer = sandbox.http.post("/documents", json=draft(None, items=[1]))
    assert answer.json()["arguments"] == ["items[0]"]


@pytest.mark.parametrize("content", [b"{", b"[]", b"", b"\xff", b'{"a": NaN}'])
def test_a_body_that_is_no_object_is_refused(sandbox: RunningSandbox, content: bytes) -> None:
    assert sandbox.http.post("/documents", content=content).status_code == 400


def test_read_only_and_unknown_fields_are_ignored_and_noted(sandbox: RunningSandbox) -> None:
    document = create_draft(sandbox, number="R1", is_draft=False, amount=1, colour="red")
    assert (document["is_draft"], document["amount"], document["number"]) == (True, 11900, "R1")
    assert "colour" not in document
    assert sandbox.violations() == [
        "POST /documents: is_draft is read only",
        "POST /documents: amount is read only",
        "POST /documents: colour is unknown",
    ]


def test_a_change_keeps_what_is_not_sent(sandbox: RunningSandbox) -> None:
    document = create_draft(sandbox)
    body = {"items": [{"single_price_net": 100, "quantity": 2}], "type": "OFFER"}
    changed = exact(sandbox.http.put(f"/documents/{document['id']}", json=body))
    assert (changed["amount_net"], changed["amount"]) == (200, 200)
    assert (changed["external_id"], changed["type"]) == (document["external_id"], "INVOICE")


def test_a_finalised_document_has_a_number_and_can_no_longer_be_changed(
    sandbox: RunningSandbox,
) -> None:
    first, second = create_draft(sandbox), create_draft(sandbox, due_in_days=3)
    sandbox.finalise(first["id"])
    final = sandbox.finalise(second["id"])
    assert final["is_draft"] is False
    assert final["number"].endswith("00002")
    due = date.fromisoformat(final["document_date"]) + timedelta(days=3)
    assert final["due_date"] == due.isoformat()
    path = f"/documents/{second['id']}"
    assert sandbox.http.put(path, json={"title": "late"}).status_code == 400
    assert sandbox.http.delete(path).status_code == 400
    assert exact(sandbox.http.put(f"{path}/done")) == final
    assert sandbox.drafts() == []


def finalised(sandbox: RunningSandbox) -> tuple[Json, str]:
    document = sandbox.finalise(create_draft(sandbox)["id"])
    return document, f"/documents/{document['id']}"


def test_a_change_of_a_finalised_document_may_succeed_and_make_a_version(
    sandbox: RunningSandbox,
) -> None:
    sandbox.when_finalised(update="makes a version")
    document, path = finalised(sandbox)
    sandbox.stamp(document["id"], "2026-11-01 06:00:00")
    body = {"items": [position(quantity=2)]}
    changed = exact(sandbox.http.put(f"{path}?reason_for_change=Stunden", json=body))
    assert (changed["is_draft"], changed["number"]) == (False, document["number"])
    assert (changed["amount_net"], document["amount_net"]) == (20000, 10000)
    assert changed["edited_at"] > "2026-11-01 06:00:00"
    exact(sandbox.http.put(path, json={"title": "x"}))
    versions = sandbox.versions(document["id"])
    assert [version["reason"] for version in versions] == ["Stunden", ""]
    assert {version["document_id"] for version in versions} == {document["id"]}
    (first, _) = versions
    assert exact(sandbox.http.get(f"{path}/versions/{first['id']}")) == first


def test_a_draft_that_is_changed_and_a_change_that_is_refused_make_no_version(
    sandbox: RunningSandbox,
) -> None:
    sandbox.when_finalised(update="makes a version")
    draft_id = create_draft(sandbox)["id"]
    sandbox.edit(draft_id, title="x")
    document, path = finalised(sandbox)
    assert sandbox.http.put(f"{path}?reason_for_change=", json={}).status_code == 400
    assert sandbox.http.put(path, json={"customer_id": 4711}).status_code == 400
    assert sandbox.versions(draft_id) == sandbox.versions(document["id"]) == []


def test_a_version_is_found_only_with_its_document(sandbox: RunningSandbox) -> None:
    sandbox.when_finalised(update="makes a version")
    document, path = finalised(sandbox)
    _, other_path = finalised(sandbox)
    exact(sandbox.http.put(path, json={}))
    (version,) = sandbox.versions(document["id"])
    assert sandbox.http.get(f"{other_path}/versions/{version['id']}").status_code == 404
    assert sandbox.http.get(f"{path}/versions/{version['id'] + 1}").status_code == 404
    assert sandbox.http.get("/documents/9999/versions").status_code == 404


def test_the_deletion_of_a_finalised_document_may_succeed(sandbox: RunningSandbox) -> None:
    sandbox.when_finalised(delete="deleted", update="makes a version")
    document, path = finalised(sandbox)
    exact(sandbox.http.put(path, json={}))
    (version,) = sandbox.versions(document["id"])
    assert sandbox.http.delete(path).status_code == 204
    assert sandbox.http.get(path).status_code == 404
    assert sandbox.http.get(f"{path}/versions/{version['id']}").status_code == 404


def test_what_is_done_with_finalised_documents_can_be_taken_back(sandbox: RunningSandbox) -> None:
    sandbox.when_finalised(delete="deleted", update="makes a version")
    sandbox.when_finalised()
    _, path = finalised(sandbox)
    assert sandbox.http.put(path, json={}).status_code == 400
    assert sandbox.http.delete(path).status_code == 400


def test_the_files_of_a_draft_are_deleted_with_it(sandbox: RunningSandbox) -> None:
    document, attachment = create_draft(sandbox), upload(sandbox)
    other = upload(sandbox)
    path = f"/attachments/{attachment['id']}"
    exact(sandbox.http.put(path, json={"document_id": document["id"]}))
    assert sandbox.http.delete(f"/documents/{document['id']}").status_code == 204
    assert [each["id"] for each in sandbox.attachments()] == [other["id"]]


def test_a_locked_document_answers_409_to_writes(sandbox: RunningSandbox) -> None:
    document = create_draft(sandbox)
    path = f"/documents/{document['id']}"
    sandbox.lock(document["id"])
    assert sandbox.http.put(path, json={}).status_code == 409
    assert sandbox.http.delete(path).status_code == 409
    assert sandbox.http.put(f"{path}/done").status_code == 409
    assert sandbox.http.get(path).status_code == 200
    sandbox.lock(document["id"], held=False)
    assert sandbox.http.put(path, json={}).status_code == 200


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("is_draft=1", "abc"),
        ("is_draft=0", "d"),
        ("type=OFFER", "b"),
        ("type=OFFER,INVOICE", "abcd"),
        ("type[]=OFFER&type[]=CREDIT", "b"),
        ("customer_id=1", "a"),
        ("customer_id=1,2", "ac"),
        ("is_archive=1", "c"),
        ("title=a", "a"),
        ("document_date=2026-10-31", "a"),
        ("document_date=2026-10-31,2026-11-01", "ab"),
        ("edited_at=2026-09-01", "c"),
        ("edited_at=2026-08-01,2026-08-31", ""),
        ("paid_at=null", "abcd"),
        ("cancel_id=null&is_draft=0", "d"),
        ("cancel_id=1", ""),
        ("number=null", ""),
        ("vat_country=AT", "b"),
    ],
)
def test_the_list_is_filtered(listed: RunningSandbox, query: str, titles: str) -> None:
    answer = exact(listed.http.get(f"/documents?{query}"))
    assert "".join(sorted(each["title"] for each in answer["items"])) == titles
    assert answer["total"] == len(titles)


@pytest.fixture(scope="module")
def listed() -> Iterator[RunningSandbox]:
    with running_sandbox() as sandbox:
        first, second = add_customer(sandbox, "K1"), add_customer(sandbox, "K2")
        create_draft(sandbox, first, title="a", document_date="2026-10-31")
        create_draft(sandbox, title="b", document_date="2026-11-01", type="OFFER", vat_country="AT")
        third = create_draft(sandbox, second, title="c", is_archive=True)
        fourth = create_draft(sandbox, title="d")
        sandbox.stamp(third["id"], "2026-09-01 23:59:59")
        sandbox.finalise(fourth["id"])
        yield sandbox


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=1001",
        "limit=ten",
        "page=0",
        "limit=",
        "is_draft=yes",
        "edited_at=yesterday",
        "edited_at=2026-10-01,2026-10-02,2026-10-03",
    ],
)
def test_a_query_out_of_range_is_refused(sandbox: RunningSandbox, query: str) -> None:
    assert sandbox.http.get(f"/documents?{query}").status_code == 400


def test_an_unknown_filter_is_ignored_and_noted(sandbox: RunningSandbox) -> None:
    create_draft(sandbox)
    assert exact(sandbox.http.get("/documents?external_id=no"))["total"] == 1
    assert sandbox.violations() == [
        "GET /documents: the query parameter external_id is unknown",
    ]


def test_the_list_comes_in_pages(sandbox: RunningSandbox) -> None:
    ids = [create_draft(sandbox)["id"] for _ in range(5)]
    pages = [exact(sandbox.http.get(f"/documents?limit=2&page={page}")) for page in (1, 2, 3, 4)]
    assert [each["id"] for page in pages for each in page["items"]] == ids
    assert {(page["pages"], page["limit"], page["total"]) for page in pages} == {(3, 2, 5)}
    empty = exact(sandbox.http.get("/documents?title=none"))
    assert (empty["pages"], empty["limit"], empty["items"]) == (0, 100, [])


def test_a_document_is_of_a_login_that_there_is(sandbox: RunningSandbox) -> None:
    assert sandbox.http.post("/documents", json=draft(None, login_id=4_711)).status_code == 400


def test_a_finalised_invoice_is_cancelled_once_by_a_storno(sandbox: RunningSandbox) -> None:
    draft_id = create_draft(sandbox, add_customer(sandbox))["id"]
    assert sandbox.http.post(f"/documents/{draft_id}/cancel").status_code == 400
    invoice = sandbox.finalise(draft_id)
    storno = sandbox.cancel(draft_id)
    assert storno["amount"] == -invoice["amount"]
    assert (storno["is_draft"], storno["number"] != invoice["number"]) == (False, True)
    assert exact(sandbox.http.get(f"/documents/{draft_id}"))["cancel_id"] == storno["id"]
    assert sandbox.http.post(f"/documents/{draft_id}/cancel").status_code == 400
