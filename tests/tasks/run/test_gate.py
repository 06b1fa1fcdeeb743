"""What is let out of a run is known to be over before the month is given back."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from pydantic import SecretStr

from blocks.easybill.calls import ApiCall
from blocks.easybill.errors import NotSent
from blocks.ledger.block import InvoiceLedger
from blocks.ledger.ledger import Ledger
from tasks.run.gate import Clock, Gate, RunStopped
from tasks.run.lease import month_held
from tests.tasks.run.test_lease import MONTH, Time


def call(outcome: str = "success", method: str = "POST", duration_ms: int = 1_000) -> ApiCall:
    return ApiCall(
        at=datetime.now(UTC),
        method=method,
        path="/documents",
        status=None,
        outcome=outcome,  # type: ignore[arg-type]
        duration_ms=duration_ms,
        error=None,
    )


def open_gate(time: Time) -> Gate:
    return Gate(lambda: None, time.clock)


def test_a_closed_gate_lets_nothing_out() -> None:
    gate = open_gate(Time())
    assert gate.close(at_most_s=0)
    with pytest.raises(RunStopped):
        gate.let_out()


def test_a_request_that_is_still_out_is_not_over() -> None:
    gate = open_gate(Time())
    gate.let_out()
    assert not gate.close(at_most_s=0)
    gate.came_back("K1", call())
    assert gate.close(at_most_s=0)


def test_what_may_not_be_sent_is_not_out() -> None:
    def refuse() -> None:
        raise NotSent("the lease is too short")

    gate = Gate(refuse, Time().clock)
    with pytest.raises(NotSent, match="too short"):
        gate.let_out()
    assert gate.close(at_most_s=0)


@pytest.mark.parametrize(
    ("gate", "at_most_s"),
    [
        # As soon as it is back, not only when the time is over.
        (Gate(lambda: None), 3600),
        # A clock that stands still: the time is never over.
        (Gate(lambda: None, Time().clock), 0.5),
    ],
)
def test_a_closing_gate_waits_for_what_is_out(gate: Gate, at_most_s: float) -> None:
    gate.let_out()
    said: list[bool] = []
    closing = Thread(target=lambda: said.append(gate.close(at_most_s)), daemon=True)
    closing.start()
    with suppress(RunStopped):
        for _ in range(1000):
            closing.join(0.01)
            gate.require_open()
    gate.came_back("K1", call())
    closing.join(30)
    assert said == [True]


@pytest.mark.parametrize(
    ("outcome", "method", "path", "is_over"),
    [
        ("unknown", "POST", "/documents", False),
        ("failure", "POST", "/documents", True),
        ("unknown", "PUT", "/documents/7", False),
        ("unknown", "DELETE", "/documents/7", False),
        ("unknown", "GET", "/documents/7", True),
        # A file that comes late is swept.
        ("unknown", "POST", "/attachments", True),
    ],
)
def test_a_lost_write_may_yet_take_effect(
    outcome: str, method: str, path: str, is_over: bool
) -> None:
    gate = open_gate(Time())
    gate.let_out()
    gate.came_back("K1", replace(call(outcome, method), path=path))
    assert gate.close(at_most_s=0) is is_over


def test_a_lost_creation_is_over_a_minute_after_it_was_sent() -> None:
    time = Time()
    gate = open_gate(time)
    gate.let_out()
    gate.came_back("K1", call("unknown", duration_ms=20_000))
    begun = time.now
    assert gate.wait_out_doubt("K1")
    assert time.now - begun == 60 - 20
    assert not gate.wait_out_doubt("K2")
    assert gate.close(at_most_s=0)


def test_a_doubt_that_ended_before_anybody_waited_is_told_for_a_look_that_began_in_it() -> None:
    time = Time()
    gate = open_gate(time)
    gate.let_out()
    gate.came_back("K1", call("unknown"))
    time.now += 60
    begun = time.now
    assert gate.wait_out_doubt("K1")
    assert time.now == begun


def test_a_stop_ends_the_wait() -> None:
    time = Time()
    gate = open_gate(time)
    gate.let_out()
    gate.came_back("K1", call("unknown"))
    time.meanwhile = lambda: gate.close(at_most_s=0)
    begun = time.now
    with pytest.raises(RunStopped):
        gate.wait_out_doubt("K1")
    assert time.now - begun <= 1


def test_without_doubt_nothing_is_waited_for_right_after_the_start_of_the_machine() -> None:
    time = Time()
    time.now = 0.0
    assert not open_gate(time).wait_out_doubt("K1")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    return InvoiceLedger(database_url=SecretStr(url)).open("main")


@pytest.mark.parametrize(("outcome", "is_held"), [("success", False), ("unknown", True)])
def test_a_month_with_a_lost_creation_is_not_given_back(
    ledger: Ledger, outcome: str, is_held: bool
) -> None:
    with month_held(ledger, MONTH, "run", 60, Clock()) as (_, gate):
        gate.let_out()
        gate.came_back("K1", call(outcome))
    lease = ledger.read_lease(MONTH)
    assert lease is not None
    assert lease.held is is_held
