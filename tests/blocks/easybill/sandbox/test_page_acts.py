"""What the buttons of the pages do, sent as a browser sends it."""

import httpx

from tests.blocks.easybill.sandbox.bodies import add_customer, create_draft, position
from tests.easybill_sandbox import RunningSandbox, exact


def press(sandbox: RunningSandbox, path: str, **fields: str) -> httpx.Response:
    return httpx.post(f"{sandbox.page_url}{path}", data=fields)


def test_a_draft_is_finalised_and_then_offers_nothing_more(sandbox: RunningSandbox) -> None:
    document = create_draft(sandbox)
    page = f"documents/{document['id']}"
    answer = press(sandbox, f"{page}/finalise")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/{page}")
    assert exact(sandbox.http.get(f"/{page}"))["is_draft"] is False
    shown = httpx.get(sandbox.page_url + page).text
    assert "Fertigstellen" not in shown
    assert press(sandbox, f"{page}/delete").status_code == 400


def test_a_draft_is_deleted(sandbox: RunningSandbox) -> None:
    document = create_draft(sandbox)
    assert press(sandbox, f"documents/{document['id']}/delete").headers["Location"] == "/"
    assert sandbox.drafts() == []
    assert press(sandbox, f"documents/{document['id']}/delete").status_code == 404


def test_a_draft_is_edited_and_what_was_left_stays(sandbox: RunningSandbox) -> None:
    items = [position(), position(position=2, quantity=1.5)]
    document = create_draft(sandbox, items=items)
    edit = {"text_prefix": "Guten Tag\r\n", "quantity_0": "1.234,5", "quantity_1": "1,5"}
    press(sandbox, f"documents/{document['id']}/edit", **edit)
    (draft,) = sandbox.drafts()
    assert draft["text_prefix"] == "Guten Tag\n"
    assert [str(item["quantity"]) for item in draft["items"]] == ["1234.5", "1.5"]
    # 1,234.5 and 1.5 at 100.00
    assert draft["amount_net"] == 12_345_000 + 15_000
    assert press(sandbox, f"documents/{document['id']}/edit", quantity_0="x").status_code == 400


def test_a_customer_goes_into_the_archive_and_back(sandbox: RunningSandbox) -> None:
    customer_id = add_customer(sandbox)
    for archived in (True, False):
        press(sandbox, f"customers/{customer_id}/archive")
        assert exact(sandbox.http.get(f"/customers/{customer_id}"))["archived"] is archived


def test_another_site_presses_no_button(sandbox: RunningSandbox) -> None:
    document = create_draft(sandbox)
    answer = httpx.post(
        f"{sandbox.page_url}documents/{document['id']}/delete",
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403
    assert len(sandbox.drafts()) == 1
