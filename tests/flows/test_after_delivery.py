"""What a month's rerun does after its drafts were delivered, and how drafts are taken back."""

import json
from collections.abc import Iterator
from decimal import Decimal
from threading import Timer
from typing import Any

import pytest
from prefect import Flow
from prefect.client.schemas.objects import State
from prefect.settings import PREFECT_API_URL, temporary_settings

from blocks.register import register
from flows.monthly_invoicing import monthly_invoicing
from flows.withdraw_month import main, withdraw_month
from tasks import ask
from tests.prefect_server import PrefectServer
from tests.world import MONTH, World


@pytest.fixture
def delivered(
    world: World, prefect_server: PrefectServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A world whose month is delivered: K1 and K2, one service of 100.00 each."""
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    for number in ("K1", "K2"):
        world.add_customer(number)
        world.add_service(f"S-{number}", number)
    with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
        register()
        assert run(monthly_invoicing).is_completed()
        yield world
    prefect_server.come_to_rest()


def run(flow: Flow[..., State[Any]], **parameters: object) -> State[Any]:
    return flow(month=MONTH, **parameters, return_state=True)


def positions(draft: dict[str, Any]) -> list[Decimal]:
    return [item["single_price_net"] for item in draft["items"]]


def test_a_late_service_goes_into_the_untouched_draft_and_its_file_is_replaced(
    delivered: World,
) -> None:
    delivered.add_service("S-late", "K1", price="7.00")
    assert run(monthly_invoicing).is_completed()
    draft = delivered.easybill.draft(f"oms:{MONTH}:K1")
    assert sorted(positions(draft)) == [700, 10000]
    # 107.00 at 19 %: VAT 20.33, gross 127.33
    assert (draft["amount_net"], draft["amount"]) == (10700, 12733)
    (attachment,) = [a for a in delivered.easybill.attachments() if a["document_id"] == draft["id"]]
    assert attachment["content"] == (delivered.export_dir / MONTH / "K1.csv").read_bytes()
    assert b"S-late" in attachment["content"]
    assert len(delivered.easybill.drafts()) == len(delivered.easybill.attachments()) == 2
    writes = delivered.easybill.writes()
    assert run(monthly_invoicing).is_completed()
    assert delivered.easybill.writes() == writes


def test_a_changed_service_of_an_edited_draft_is_a_conflict_and_nothing_is_overwritten(
    delivered: World,
) -> None:
    draft = delivered.easybill.draft(f"oms:{MONTH}:K1")
    delivered.easybill.edit(draft["id"], title="checked")
    delivered.easybill.stamp(draft["id"], "2026-11-20 10:00:00")
    delivered.change_service("S-K1", unit_price_net=Decimal(120))
    writes = delivered.easybill.writes()
    state = run(monthly_invoicing)
    assert state.is_failed()
    assert "service S-K1 changed in the OMS since draft" in str(state.message)
    assert delivered.easybill.writes() == writes
    assert "changed" in str(delivered.exports()["K1"].error)

    delivered.change_service("S-K1", unit_price_net=Decimal(100))
    assert run(monthly_invoicing).is_completed()
    assert delivered.exports()["K1"].error is None


def test_a_deleted_draft_is_reported_and_recreated_only_on_request(delivered: World) -> None:
    delivered.easybill.delete(delivered.easybill.draft(f"oms:{MONTH}:K1")["id"])
    state = run(monthly_invoicing)
    assert state.is_failed()
    assert "was deleted in easybill" in str(state.message)
    assert len(delivered.easybill.drafts()) == 1
    assert run(monthly_invoicing, recreate_deleted=True).is_completed()
    assert delivered.easybill.draft(f"oms:{MONTH}:K1")["amount"] == 11900


def test_a_month_is_withdrawn_but_for_what_was_touched(delivered: World) -> None:
    touched = delivered.easybill.draft(f"oms:{MONTH}:K2")
    delivered.easybill.finalise(touched["id"])
    state = run(withdraw_month, confirm=2)
    assert state.is_failed()
    assert "1 draft withdrawn, of customer K1. 1 left: " in str(state.message)
    assert delivered.easybill.drafts() == []
    assert [a["document_id"] for a in delivered.easybill.attachments()] == [touched["id"]]
    assert delivered.exports()["K1"].state == "withdrawn"

    assert run(monthly_invoicing).is_completed()
    assert delivered.easybill.draft(f"oms:{MONTH}:K1")["amount"] == 11900


def test_a_withdrawal_says_whose_drafts_it_would_take_until_their_number_is_confirmed(
    delivered: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--month", MONTH, "--customer", "K1"]) == 0
    assert "1 draft would be withdrawn, of customer K1. Nothing is done" in capsys.readouterr().out
    for confirm, name, said in (
        (None, "Previewed", "2 drafts would be withdrawn, of customers K1, K2. Nothing is done"),
        (3, "Failed", "2 drafts would be withdrawn, of customers K1, K2, not 3. Nothing is done"),
    ):
        state = run(withdraw_month, confirm=confirm)
        assert state.message == f"{MONTH}: {said}: start it again with confirm=2"
        assert (state.name, len(delivered.easybill.drafts())) == (name, 2)
    state = run(withdraw_month, customers=["K1", "K7"])
    assert state.is_failed()
    assert "no run had anything of customer K7 in 2026-10" in str(state.message)


def test_after_a_withdrawal_report_files_and_answers_say_so(
    delivered: World, capsys: pytest.CaptureFixture[str]
) -> None:
    state = run(withdraw_month, customers=["K1"], confirm=1)
    said = f"{MONTH}: 1 draft withdrawn, of customer K1"
    assert (state.is_completed(), state.message) == (True, said)
    folder = delivered.export_dir / MONTH
    assert [file.name for file in folder.glob("*.csv")] == ["K2.csv"]
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert [entry["file"] for entry in manifest["files"]] == ["K2.csv"]
    report = json.loads((folder / "report.json").read_bytes())
    assert [draft["customer_number"] for draft in report["drafts"]] == ["K2"]
    (failure,) = report["failures"]
    assert (failure["customer_number"], failure["issues"][0]["code"]) == ("K1", "draft_withdrawn")
    assert ask.main(["customer", "K1", "--month", MONTH]) == 1
    told = capsys.readouterr().out
    assert f"given up (run {delivered.exports()['K1'].flow_run_id})" in told
    assert "Run the month again to bill it again" in told


def test_what_an_earlier_month_owes_is_reported_and_billed_on_request(delivered: World) -> None:
    delivered.add_service("S-nov", "K1", rendered_at="2025-11-10T10:00:00", price="30.00")
    assert monthly_invoicing(month="2025-11", return_state=True).is_completed()
    delivered.add_service("S-forgotten", "K2", rendered_at="2025-11-11T10:00:00", price="50.00")
    state = run(monthly_invoicing)
    report: Any = state.result(raise_on_failure=False)
    (late,) = report.late
    assert (late.month, late.customers, late.net_cents) == ("2025-11", ("K2",), 5000)
    assert run(monthly_invoicing, bill_late=True).is_completed()
    draft = delivered.easybill.draft("oms:2025-11:K2")
    assert (draft["amount_net"], draft["service_date"]["date_from"]) == (5000, "2025-11-01")
    on_file = json.loads((delivered.export_dir / MONTH / "report.json").read_bytes())
    assert on_file["late"] == []


def test_a_month_that_another_run_holds_ends_cancelled_with_its_name(
    delivered: World, prefect_server: PrefectServer
) -> None:
    ledger = delivered.ledger
    lease = ledger.take_lease(MONTH, "run of somebody else", 60)
    assert lease is not None
    ledger.renew_lease(lease)
    delivered.add_service("S-late", "K1")
    requests = delivered.easybill.writes()

    def renew() -> None:
        assert lease is not None
        ledger.renew_lease(lease)

    timer = Timer(8, renew)
    timer.start()
    state = run(monthly_invoicing)
    timer.join()
    assert state.is_cancelled()
    assert "run of somebody else" in str(state.message)
    assert delivered.easybill.writes() == requests
