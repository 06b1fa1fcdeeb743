"""Messages from a real Prefect server to a real receiver, set up by the command."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.messages import main
from tests.prefect_server import WORKER, PrefectServer, running, within
from tests.receiver import Receiver
from tests.world import MONTH, World

MONTHLY = "monthly-invoicing/monthly-invoicing"
SetUp = Callable[..., list[str]]


@pytest.fixture
def set_up(prefect_server: PrefectServer, receiver: Receiver) -> Iterator[SetUp]:
    """Run the command for this receiver; what it made is gone after the test."""

    def run(*windows: str) -> list[str]:
        urls = ("--webhook", f"{receiver.address}/people", "--monitor", f"{receiver.address}/ping")
        return prefect_server.run(["flows.messages", *urls, *windows]).stdout.splitlines()

    yield run
    for automation in ours(prefect_server):
        prefect_server.call("DELETE", f"/automations/{automation['id']}")


@pytest.fixture
def paused_pool(prefect_server: PrefectServer) -> Iterator[None]:
    """No worker takes a run while the test lasts."""
    set_paused(prefect_server, paused=True)
    try:
        yield
    finally:
        set_paused(prefect_server, paused=False)


@pytest.fixture
def german(prefect_server: PrefectServer, world: World) -> Iterator[None]:
    """The saved blocks ask for German while the test lasts."""

    def register(language: str) -> None:
        environment = {**world.environment, "REPORT_LANGUAGE": language}
        prefect_server.run(["blocks.register", "--replace"], environment)

    register("de")
    yield
    register("en")


def set_paused(server: PrefectServer, *, paused: bool) -> None:
    server.call("PATCH", "/work_pools/invoicing", {"is_paused": paused})


def ours(server: PrefectServer) -> list[dict[str, Any]]:
    everything = server.call("POST", "/automations/filter", {})
    return [each for each in everything if each["name"].startswith("Invoicing: ")]


def the_command(server: PrefectServer, *arguments: str) -> int:
    """The same command in this process, which is quicker; its exit code."""
    with temporary_settings({PREFECT_API_URL: server.api_url}):
        return main(arguments)


def a_month_of(world: World, *customer_numbers: str) -> None:
    for number in customer_numbers:
        world.add_customer(number)
        world.add_service(f"S-{number}", number)


def deployment(server: PrefectServer) -> dict[str, Any]:
    found: dict[str, Any] = server.call("GET", f"/deployments/name/{MONTHLY}")
    return found


def due_now(server: PrefectServer, **more: object) -> str:
    """A run of the month that is due, as the UI's button creates it; its id."""
    body = {"state": {"type": "SCHEDULED"}, "parameters": {"month": MONTH}, **more}
    path = f"/deployments/{deployment(server)['id']}/create_flow_run"
    return str(server.call("POST", path, body)["id"])


def cancel(server: PrefectServer, run_id: str) -> None:
    server.call("POST", f"/flow_runs/{run_id}/set_state", {"state": {"type": "CANCELLED"}})


def test_set_up_again_it_changes_what_differs_and_doubles_nothing(
    set_up: SetUp,
    prefect_server: PrefectServer,
    receiver: Receiver,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert {line.split(": ")[0] for line in set_up()} <= {"created", "updated"}
    before = ours(prefect_server)
    off = next(each["id"] for each in before if each["name"] == "Invoicing: no scheduled run")
    prefect_server.call("PATCH", f"/automations/{off}", {"enabled": False})

    changed = [line for line in set_up("--not-scheduled", "40d") if "unchanged" not in line]
    assert changed == ["updated: Invoicing: no scheduled run"]
    after = ours(prefect_server)
    assert {each["id"] for each in after} == {each["id"] for each in before}
    (switched_off,) = [each for each in after if not each["enabled"]]
    assert (switched_off["id"], switched_off["trigger"]["within"]) == (off, 40 * 86_400.0)

    assert the_command(prefect_server, "--block", "custom-webhook/invoicing-messages") == 0
    assert [each["id"] for each in ours(prefect_server)] == [each["id"] for each in before]
    assert the_command(prefect_server, "--block", "slack-webhook/nobody") == 2
    assert "no block slack-webhook/nobody is saved" in capsys.readouterr().err

    elsewhere = f"{receiver.address}/others"
    assert the_command(prefect_server, "--webhook", elsewhere, "--show", "--test") == 0
    said = capsys.readouterr().out
    host = receiver.address.removeprefix("http://")
    block = "block custom-webhook/invoicing-messages posts to"
    assert f"updated: {block} {host}, no longer to another address at {host}\n" in said
    assert f"saved: {block} {host}\n" in said
    assert "switched off: Invoicing: no scheduled run\n" in said
    assert receiver.subjects("/others") == ["Test: invoicing"]
    assert the_command(prefect_server, "--webhook", "http://127.0.0.1:9/people", "--test") == 2
    assert "no message went out over custom-webhook" in capsys.readouterr().err

    blocks = prefect_server.call("POST", "/block_documents/filter", {})
    named = [block for block in blocks if block["name"].startswith("invoicing-")]
    assert len(named) == 2
    assert receiver.address not in str(named)


@pytest.mark.parametrize("address", ["nonsense", "chat.example/hook", "ftp://chat.example", ""])
def test_what_is_no_web_address_is_refused_before_anything_is_changed(
    capsys: pytest.CaptureFixture[str], address: str
) -> None:
    for option in ("--webhook", "--monitor"):
        with pytest.raises(SystemExit):
            main([option, address])
        assert f"{address!r} is no web address" in capsys.readouterr().err


def test_without_a_server_nothing_is_set_up(capsys: pytest.CaptureFixture[str]) -> None:
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        assert main(["--webhook", "http://127.0.0.1:9/people"]) == 2
    assert "no Prefect server answers at http://127.0.0.1:9/api" in capsys.readouterr().err
    with temporary_settings({PREFECT_API_URL: None}):
        assert main(["--webhook", "http://127.0.0.1:9/people"]) == 2
    assert "set PREFECT_API_URL" in capsys.readouterr().err


def test_a_failure_and_a_finished_month_are_told_and_nothing_else(
    set_up: SetUp, prefect_server: PrefectServer, receiver: Receiver, world: World
) -> None:
    set_up()
    a_month_of(world, "K1", "K2")
    prefect_server.run(["blocks.register", "--replace"], world.environment)
    cancel(prefect_server, due_now(prefect_server, state={"type": "PENDING"}))
    world.change_service("S-K2", quantity=0)
    run = prefect_server.run_deployment(MONTHLY, "-p", f"month={MONTH}")
    assert run["state_type"] == "FAILED"
    told = receiver.told("Failed", within_s=30)
    assert told.subject == f"Failed: monthly-invoicing {MONTH}"
    reason, link = told.body.splitlines()
    assert reason == run["state"]["message"]
    assert "K2" in reason
    assert link.endswith(f"/runs/flow-run/{run['id']}")
    assert told.text == f"{told.subject}\n{told.body}"
    (own,) = prefect_server.flow_runs("invoice-customer", parent_flow_run_id={"any_": [run["id"]]})
    assert own["state_type"] == "FAILED"

    world.change_service("S-K2", quantity=1)
    retried = prefect_server.retry(run["id"])
    assert retried["state_type"] == "COMPLETED", retried["state"]["message"]
    told = receiver.told("Completed", within_s=30)
    assert told.body.splitlines()[0] == retried["state"]["message"]
    receiver.told("Completed", within_s=30, path="/ping")
    assert receiver.subjects() == [
        f"Failed: monthly-invoicing {MONTH}",
        f"Completed: monthly-invoicing {MONTH}",
    ]
    assert receiver.subjects("/ping") == [f"Completed: monthly-invoicing {MONTH}"]
    assert world.easybill.api_key not in str(receiver.received)


def test_people_are_told_in_the_language_of_reports_and_states_stay_english(
    set_up: SetUp, prefect_server: PrefectServer, receiver: Receiver, world: World, german: None
) -> None:
    a_month_of(world, "K1", "K2")
    world.change_service("S-K2", quantity=0)
    set_up()
    run = prefect_server.run_deployment(MONTHLY, "-p", f"month={MONTH}")
    assert run["state"]["message"].startswith(f"{MONTH}: 1 of 2 customers not invoiced: K2")
    told = receiver.told("Fehlgeschlagen", within_s=30)
    assert told.subject == f"Fehlgeschlagen: monthly-invoicing {MONTH}"
    said = told.body.splitlines()[0].replace("\xa0", " ")
    assert said.startswith("Oktober 2026: nicht abgerechnet: 1 von 2 Kunden: K2 (")
    assert "1 Entwurf angelegt (netto 100,00 €, brutto 119,00 €)" in said


def test_a_run_that_nobody_starts_and_a_schedule_that_is_silent_are_told(
    set_up: SetUp, prefect_server: PrefectServer, receiver: Receiver, paused_pool: None
) -> None:
    set_up("--not-started", "10s", "--not-scheduled", "15s")
    run_id = due_now(prefect_server)
    told = receiver.told("Not started: monthly-invoicing, due 20", within_s=60)
    assert "has not started for 10 seconds" in told.body
    assert told.body.endswith(f"/runs/flow-run/{run_id}")
    cancel(prefect_server, run_id)

    told = receiver.told("No run: monthly-invoicing", within_s=60)
    assert "No scheduled run has started for 15 seconds." in told.body
    assert len(receiver.received) == 2


def test_a_run_that_died_is_found_and_the_next_one_bills_the_month_once(
    set_up: SetUp, prefect_server: PrefectServer, receiver: Receiver, world: World, tmp_path: Path
) -> None:
    # Heartbeats come every 30 seconds.
    set_up("--no-heartbeat", "35s")
    a_month_of(world, "K1", "K2", "K3")
    prefect_server.run(
        ["blocks.register", "--replace"], {**world.environment, "LEDGER_LEASE_SECONDS": "10"}
    )
    world.easybill.plant_fault("slow_after", "POST", "/documents", seconds=10)
    with halted(prefect_server.worker_pid):
        zombie = due_now(prefect_server)
        begin_and_kill(prefect_server, world, tmp_path / "worker.log")
    assert prefect_server.call("GET", f"/flow_runs/{zombie}")["state_type"] == "RUNNING"

    following = due_now(prefect_server)
    told = receiver.told("Silent", within_s=60)
    assert told.body.startswith("Prefect has seen no sign of life for 35 seconds")
    assert prefect_server.ended(zombie)["state_type"] == "CRASHED"
    ended = prefect_server.ended(following)
    assert ended["state_type"] == "COMPLETED", ended["state"]["message"]
    drafts = sorted(str(draft["external_id"]) for draft in world.easybill.drafts())
    assert drafts == [f"oms:{MONTH}:K{n}" for n in (1, 2, 3)]
    assert world.easybill.counts()["POST /documents"] == 3


def begin_and_kill(server: PrefectServer, world: World, log: Path) -> None:
    """Let another worker begin what is due, and kill it with its run in mid-delivery."""
    with running(WORKER, server.environment(), log) as worker:
        try:
            within(60, lambda: world.easybill.counts().get("POST /documents"), "no draft was sent")
            # The heartbeat of the first second has to reach the server.
            time.sleep(2)
        finally:
            family = descendants(worker)
            for stop in (signal.SIGSTOP, signal.SIGKILL):
                for pid in family:
                    os.kill(pid, stop)


@contextmanager
def halted(pid: int) -> Iterator[None]:
    """A process that does nothing while the block runs."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def descendants(pid: int) -> list[int]:
    """A process and all that it started, the eldest first."""
    said = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True)
    parents = {
        int(child): int(parent) for child, parent in map(str.split, said.stdout.splitlines())
    }
    family = [pid]
    for member in family:
        family += [child for child, parent in parents.items() if parent == member]
    return family
