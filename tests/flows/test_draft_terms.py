"""What accounting asks for: from the OMS and the settings into the draft, and onto its page."""

import httpx
import pytest

from blocks.easybill.sandbox.state import LOGIN_ID
from tasks.run.request import RunRequest
from tests.openapi import ApiDescription, Message
from tests.plain_run import connect_by_settings, run_plainly
from tests.tasks.billing.test_invoice import OCTOBER
from tests.world import World

SETTINGS = {
    "EASYBILL_TEXT_PREFIX": "Guten Tag,",
    "EASYBILL_TEXT": "Vielen Dank!",
    "EASYBILL_PDF_TEMPLATE": "DE",
    "EASYBILL_LOGIN_ID": str(LOGIN_ID),
    "EASYBILL_DOCUMENT_DATE": "month-end",
    "EASYBILL_DUE_IN_DAYS": "14",
}
TERMS = ("text_prefix", "text", "pdf_template", "login_id", "document_date", "due_in_days")
ACCOUNTING = ("booking_account", "export_cost_1")


@pytest.fixture
def month(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A month with two customers, and the settings that lead to it."""
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    for number in ("K1", "K2"):
        world.add_customer(number)
        world.add_service(f"S-{number}", number)
    return world


def run() -> None:
    assert run_plainly(connect_by_settings(), RunRequest(OCTOBER)).is_complete


def set_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    world.change_customer("K1", due_in_days=30)
    world.change_service("S-K1", booking_account="8400", cost_centre="Nord")


def test_what_is_set_is_in_the_draft_and_on_its_page(
    month: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(month, monkeypatch)
    run()
    first, second = (month.easybill.draft(f"oms:2026-10:{number}") for number in ("K1", "K2"))
    said = ("Guten Tag,", "Vielen Dank!", "DE", LOGIN_ID, "2026-10-31")
    assert tuple(first[name] for name in TERMS) == (*said, 30)
    assert tuple(second[name] for name in TERMS) == (*said, 14)
    assert [first["items"][0][name] for name in ACCOUNTING] == ["8400", "Nord"]
    assert [second["items"][0][name] for name in ACCOUNTING] == [None, None]
    page = httpx.get(f"{month.easybill.page_url}documents/{first['id']}").text
    for shown in (
        "Guten Tag,",
        "Vielen Dank!",
        "31.10.2026",
        "Buchungskonto 8400, Kostenstelle Nord",
    ):
        assert shown in page
    description = ApiDescription.load()
    sent = map(Message.recorded, month.easybill.requests())
    assert [fault for each in sent for fault in description.request_faults(each)] == []
    assert month.easybill.violations() == []


def test_what_is_not_set_is_not_sent(month: World) -> None:
    run()
    bodies = [r["body"] for r in month.easybill.requests() if r["route"] == "POST /documents"]
    assert len(bodies) == 2
    for name in (*TERMS, *ACCOUNTING):
        assert not any(f'"{name}"' in body for body in bodies)


def test_what_is_set_later_is_updated_in_drafts_that_nobody_touched(
    month: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    month.easybill.finalise(month.easybill.draft("oms:2026-10:K2")["id"])
    month.easybill.forget_requests()
    run()
    assert month.easybill.writes() == 0
    set_all(month, monkeypatch)
    run()
    assert month.easybill.draft("oms:2026-10:K1")["text_prefix"] == "Guten Tag,"
    assert month.easybill.counts()["PUT /documents/{id}"] == 1
