"""The ad-hoc command against a real server, a real OMS, a real ledger and the sandbox."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from blocks.register import register
from flows.command_line import run_from_command_line
from flows.monthly_invoicing import monthly_invoicing
from tests.openapi import ApiDescription, Message
from tests.prefect_server import PrefectServer
from tests.shared import ROOT
from tests.world import MONTH, World

Command = Callable[..., int]


@pytest.fixture
def command(
    world: World, prefect_server: PrefectServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Command]:
    """The command, as `python -m flows.monthly_invoicing` runs it, after `blocks.register`."""

    def run(*arguments: str, **settings: str) -> int:
        for name, value in {**world.environment, **settings}.items():
            monkeypatch.setenv(name, value)
        register()
        return run_from_command_line(monthly_invoicing, ["--month", MONTH, *arguments])

    with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
        yield run
    prefect_server.come_to_rest()


def fill(world: World, *numbers: str) -> None:
    for number in numbers:
        world.add_customer(number)
        world.add_service(f"S-{number}", number)


def test_every_customer_gets_one_file_and_one_draft_and_a_second_run_creates_nothing(
    world: World, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(world, "K1", "K2")
    world.add_customer("K3")
    assert command() == 0
    said = capsys.readouterr().out
    assert "2 drafts created (net 200.00, gross 238.00)" in said
    assert "1 without services" in said
    folder = world.export_dir / MONTH
    reports = ["drafts.xlsx", "manifest.json", "report.html", "report.json"]
    assert sorted(file.name for file in folder.iterdir()) == ["K1.csv", "K2.csv", *reports]
    assert {n: e.state for n, e in world.exports().items()} == {
        "K1": "delivered",
        "K2": "delivered",
        "K3": "skipped",
    }
    files = {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in folder.glob("K*")}
    manifest = (folder / "manifest.json").read_bytes()
    writes = world.easybill.writes()
    assert command("--bill-late", "--recreate-deleted") == 0
    assert "0 drafts created" in capsys.readouterr().out
    assert world.easybill.writes() == writes == 6
    assert files == {f.name: (f.stat().st_mtime_ns, f.read_bytes()) for f in folder.glob("K*")}
    assert manifest == (folder / "manifest.json").read_bytes()


def test_the_manifest_tells_each_files_hash_lines_and_cents(world: World, command: Command) -> None:
    fill(world, "K1")
    world.add_service("S-2", "K1", price="0.50", vat="7")
    assert command() == 0
    manifest = json.loads((world.export_dir / MONTH / "manifest.json").read_text())
    # 100.00 at 19 % and 0.50 at 7 %: net 100.50, VAT 19.00 + 0.035 -> 0.04, gross 119.54
    assert manifest == {
        "month": MONTH,
        "files": [
            {
                "file": "K1.csv",
                "sha256": world.exports()["K1"].csv_sha256,
                "lines": 2,
                "net_cents": 10050,
                "gross_cents": 11954,
            }
        ],
    }


def test_a_bad_row_is_one_customers_affair(
    world: World, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(world, "K1", "K2")
    world.change_service("S-K2", quantity=-1)
    assert command() == 1
    said = capsys.readouterr().out
    assert "NOT INVOICED K2: invoicing_services, row S-K2: quantity is -1" in said
    assert "1 of 2 customers not invoiced" in said
    assert [draft["external_id"] for draft in world.easybill.drafts()] == [f"oms:{MONTH}:K1"]
    failed = world.exports()["K2"]
    assert (failed.state, failed.attempts) == ("failed", 0)
    assert "quantity is -1" in str(failed.error)
    assert not (world.export_dir / MONTH / "K2.csv").exists()
    assert all(call.customer_number != "K2" for call in world.ledger.calls(MONTH))

    world.change_service("S-K2", quantity=1)
    writes = world.easybill.writes()
    assert command() == 0
    assert world.easybill.writes() == writes + 3
    assert world.exports()["K2"].state == "delivered"


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda w: w.add_customer("K9", in_easybill=False), "easybill has no customer with number"),
        (
            lambda w: (w.add_customer("K9"), w.easybill.add_customers([named("K9")])),
            "easybill has several customers with number K9",
        ),
        (lambda w: w.add_customer("K9", vat_option="IG"), "takes the invoice out of VAT"),
        (lambda w: w.add_customer("K9", currency="eu"), "currency is eu"),
        (lambda w: w.easybill.add_customers([named("K9")]), "is not in invoicing_customers"),
    ],
    ids=["unknown", "double", "contradiction", "currency", "not in the OMS"],
)
def test_a_customer_that_cannot_be_invoiced_is_named_with_its_reason(
    world: World,
    command: Command,
    capsys: pytest.CaptureFixture[str],
    spoil: Callable[[World], object],
    reason: str,
) -> None:
    fill(world, "K1")
    spoil(world)
    world.add_service("S-K9", "K9")
    assert command() == 1
    said = capsys.readouterr().out
    assert reason in next(line for line in said.splitlines() if "NOT INVOICED K9" in line)
    assert reason in str(world.exports()["K9"].error)
    assert [draft["external_id"] for draft in world.easybill.drafts()] == [f"oms:{MONTH}:K1"]


def named(number: str) -> dict[str, object]:
    return {"number": number, "company_name": f"{number} GmbH"}


def test_a_fee_without_its_vat_is_not_guessed(
    world: World, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    world.add_customer("K1")
    world.add_service("S-1", "K1", status="cancelled", fee="25.00")
    assert command() == 1
    assert "cancellation_fee_vat_percent" in capsys.readouterr().out
    assert world.easybill.writes() == 0


def test_missing_customers_are_created_where_that_is_allowed_and_never_doubled(
    world: World, command: Command
) -> None:
    world.add_customer("K1", in_easybill=False, email="a@b.example", vat_id="DE1")
    world.add_service("S-1", "K1")
    for _ in range(2):
        assert command(EASYBILL_CREATE_CUSTOMERS="true") == 0
    answer = world.easybill.http.get("/customers", params={"number": "K1"}).json()
    (customer,) = answer["items"]
    assert (customer["company_name"], customer["emails"]) == ("K1 GmbH", ["a@b.example"])
    assert len(world.easybill.drafts()) == 1


def test_a_lost_answer_to_creating_a_customer_doubles_nobody(
    world: World, command: Command
) -> None:
    world.add_customer("K1", in_easybill=False)
    world.add_service("S-1", "K1")
    world.easybill.plant_fault("close_after", "POST", "/customers")
    assert command(EASYBILL_CREATE_CUSTOMERS="true") == 0
    assert world.easybill.http.get("/customers", params={"number": "K1"}).json()["total"] == 1


def test_only_the_customers_asked_for_are_invoiced(world: World, command: Command) -> None:
    fill(world, "K1", "K2", "K3")
    assert command("--customer", "K1", "--customer", "K3") == 0
    assert sorted(world.exports()) == ["K1", "K3"]
    assert command("--customer", "K7") == 1


def test_a_cancelled_invoice_is_billed_once_more_when_asked_for(
    world: World, command: Command
) -> None:
    fill(world, "K1", "K2")
    assert command() == 0
    for draft in world.easybill.drafts():
        world.easybill.finalise(draft["id"])
        world.easybill.cancel(draft["id"])
    assert command() == 0
    assert world.easybill.drafts() == []
    for _ in range(2):
        assert command("--bill-again", "--customer", "K1") == 0
        assert [d["external_id"] for d in world.easybill.drafts()] == [f"oms:{MONTH}:K1:2"]


def test_a_preview_writes_files_and_nothing_else(world: World, command: Command) -> None:
    fill(world, "K1", "K2")
    assert command("--preview") == 0
    previewed = world.export_dir / "preview" / MONTH
    assert world.easybill.writes() == 0
    assert world.ledger.exports(MONTH) == []
    assert command() == 0
    for file in ("K1.csv", "K2.csv", "manifest.json"):
        assert (previewed / file).read_bytes() == (world.export_dir / MONTH / file).read_bytes()


def test_a_bound_stops_its_customer_until_it_is_let_through(
    world: World, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(world, "K1", "K2")
    world.add_service("S-more", "K1", price="150.00")
    bounds = {"SENSE_INVOICE_NET_EUR": "200"}
    assert command(**bounds) == 1
    assert "NOT INVOICED K1: net 250.00 is above 200" in capsys.readouterr().out
    assert [draft["external_id"] for draft in world.easybill.drafts()] == [f"oms:{MONTH}:K2"]
    assert command("--let-through", "invoice_net:K1", **bounds) == 0
    assert len(world.easybill.drafts()) == 2


def test_passing_faults_are_retried_within_the_run(world: World, command: Command) -> None:
    fill(world, "K1", "K2", "K3")
    world.easybill.plant_fault("close_after", "POST", "/documents")
    world.easybill.plant_fault("status", "POST", "/attachments", status=409)
    world.easybill.plant_fault("status", "PUT", "*", status=502, effect="after")
    assert command() == 0
    assert len(world.easybill.drafts()) == len(world.easybill.attachments()) == 3
    outcomes = {call.outcome for call in world.ledger.calls(MONTH)}
    assert outcomes == {"success", "failure", "unknown"}


def test_what_came_late_is_billed_alone_in_a_further_draft(world: World, command: Command) -> None:
    fill(world, "K1")
    assert command() == 0
    world.easybill.finalise(world.easybill.drafts()[0]["id"])
    world.add_service("S-late", "K1", price="7.00")
    assert command() == 0
    (draft,) = world.easybill.drafts()
    assert (draft["external_id"], draft["amount_net"]) == (f"oms:{MONTH}:K1:2", 700)
    with (world.export_dir / MONTH / "K1~2.csv").open(encoding="utf-8") as file:
        assert [row["sku"] for row in csv.DictReader(file, delimiter=";")] == ["S-late"]


def test_a_refused_key_stops_everything_and_is_a_wrong_setting(
    world: World, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(world, "K1")
    assert command(EASYBILL_API_KEY="wrong-key") == 2
    captured = capsys.readouterr()
    assert "401" in captured.err
    assert "wrong-key" not in captured.err + captured.out
    assert world.ledger.exports(MONTH) == []


def test_a_key_of_another_account_is_refused(
    world: World, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(world, "K1")
    world.ledger.recognise_logins([987654])
    assert command() == 2
    assert "main" in capsys.readouterr().err
    assert world.easybill.writes() == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--month", "2026-13"], "write it as YYYY-MM"),
        (["--month", "2098-01"], "is not over yet"),
        (["--bill-again"], "bill_again needs customers"),
        (["--let-through", "invoice_nte:K1"], "there are line_net:CUSTOMER, invoice_net:CUSTOMER"),
    ],
)
def test_a_bad_argument_does_nothing(
    world: World,
    command: Command,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
) -> None:
    assert command(*arguments) == 2
    assert sentence in capsys.readouterr().err
    assert world.easybill.counts() == {}


def test_a_database_that_is_away_bills_nobody(
    world: World, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(OMS_DATABASE_URL=f"sqlite:///{world.export_dir}/nowhere.db") == 1
    assert "nowhere.db" in capsys.readouterr().err
    assert world.easybill.writes() == 0


def test_every_request_is_one_that_easybills_description_allows(
    world: World, command: Command
) -> None:
    description = ApiDescription.load()
    fill(world, "K1", "K2")
    world.add_customer(
        "K3",
        in_easybill=False,
        first_name="Zoë",
        vat_option="IG",
        vat_id="ATU1",
        purchase_order="PO-1",
        buyer_reference="04011000-1",
        phone_number="+49 1",
        state="Wien",
    )
    world.add_service("S-3", "K3", vat="0", price="1.2345", quantity="2.5")
    world.easybill.plant_fault("close_after", "POST", "/documents")
    world.easybill.plant_fault("close_after", "POST", "/attachments")
    assert command(EASYBILL_CREATE_CUSTOMERS="true") == 0
    requests = world.easybill.requests()
    assert len(requests) > 12
    faults = [
        fault
        for request in requests
        for fault in description.request_faults(Message.recorded(request))
    ]
    assert faults == []
    assert world.easybill.violations() == []


def test_the_command_itself_says_what_it_does_and_what_is_missing(
    prefect_server: PrefectServer,
) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "flows.monthly_invoicing", *arguments],
            cwd=ROOT,
            env=prefect_server.environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    told = run("--help")
    assert told.returncode == 0
    assert "--preview" in told.stdout
    assert run("--surprise").returncode == 2
