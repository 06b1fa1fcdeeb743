"""Attachments: uploaded, linked to a document, read back."""

import pytest

from tests.blocks.easybill.sandbox.bodies import add_customer, create_draft, upload
from tests.easybill_sandbox import RunningSandbox, exact


def test_a_file_comes_back_byte_for_byte(sandbox: RunningSandbox) -> None:
    content = bytes(range(256)) + b"\r\n--\r\n\n"
    attachment = upload(sandbox, "Rechnung März.csv", content)
    assert (attachment["file_name"], attachment["size"]) == ("Rechnung März.csv", len(content))
    assert sandbox.http.get(f"/attachments/{attachment['id']}/content").content == content


def test_file_names_are_not_unique(sandbox: RunningSandbox) -> None:
    assert upload(sandbox)["id"] != upload(sandbox)["id"]
    assert [each["file_name"] for each in sandbox.attachments()] == ["a.csv", "a.csv"]


def test_a_linked_file_shows_in_its_document(sandbox: RunningSandbox) -> None:
    document = create_draft(sandbox)
    ids = [upload(sandbox)["id"] for _ in range(2)]
    for attachment_id in ids:
        link = {"document_id": document["id"]}
        exact(sandbox.http.put(f"/attachments/{attachment_id}", json=link))
    assert exact(sandbox.http.get(f"/documents/{document['id']}"))["attachment_ids"] == ids
    assert exact(sandbox.http.get("/documents"))["items"][0]["attachment_ids"] == ids
    sandbox.http.delete(f"/attachments/{ids[0]}")
    assert sandbox.drafts()[0]["attachment_ids"] == ids[1:]


def test_a_later_change_of_the_draft_leaves_its_files(sandbox: RunningSandbox) -> None:
    document, attachment = create_draft(sandbox), upload(sandbox)
    path = f"/attachments/{attachment['id']}"
    exact(sandbox.http.put(path, json={"document_id": document["id"]}))
    assert sandbox.edit(document["id"], title="x")["attachment_ids"] == [attachment["id"]]
    exact(sandbox.http.put(path, json={"customer_id": add_customer(sandbox)}))
    assert sandbox.drafts()[0]["attachment_ids"] == []


@pytest.mark.parametrize(
    "link",
    [
        {"document_id": 1, "customer_id": 1},
        {"document_id": 1, "project_id": 1},
        {"document_id": 99},
        {"customer_id": 99},
        {"document_id": "1"},
    ],
)
def test_a_wrong_link_is_refused(sandbox: RunningSandbox, link: dict[str, object]) -> None:
    add_customer(sandbox)
    create_draft(sandbox)
    path = f"/attachments/{upload(sandbox)['id']}"
    assert sandbox.http.put(path, json=link).status_code == 400
    assert exact(sandbox.http.get(path))["document_id"] is None


def test_an_upload_without_a_file_is_refused(sandbox: RunningSandbox) -> None:
    assert sandbox.http.post("/attachments", json={"file": "x"}).status_code == 400
    assert sandbox.http.post("/attachments", data={"file": "x"}).status_code == 400
    assert sandbox.http.post("/attachments", files={"upload": ("a", b"")}).status_code == 400
    broken = {"Content-Type": "multipart/form-data"}
    assert sandbox.http.post("/attachments", content=b"x", headers=broken).status_code == 400


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_what_is_not_there_is_not_found(sandbox: RunningSandbox, method: str) -> None:
    assert sandbox.http.request(method, "/attachments/9", json={}).status_code == 404
    assert sandbox.http.request(method, f"/attachments/{2**70}", json={}).status_code == 404
