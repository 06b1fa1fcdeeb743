"""Many at once, in threads and in processes: one wins, nothing breaks."""

from collections import Counter
from concurrent.futures import Executor
from datetime import UTC, datetime

from sqlalchemy import text

from blocks.ledger.engines import open_engine
from blocks.ledger.errors import AccountMismatch, AlreadyBilled, LedgerConflict
from blocks.ledger.ledger import CallToLog, Export, Ledger, Planned
from blocks.ledger.migrate import VERSION_TABLE
from blocks.ledger.states import Event, ExportState
from tests.blocks.ledger.conftest import Plan, billed, service_lines, why
from tests.blocks.ledger.contests import AT_ONCE, Run, meet

ROUNDS = 5
WAY = (Event.SEND_UPLOAD, Event.FILE_UPLOADED, Event.SEND_DRAFT, Event.ANSWER_LOST)


def plan_round(ledger: Ledger, customer_number: str, *service_ids: str) -> Export:
    return ledger.plan(
        "2026-10",
        customer_number,
        1,
        Planned(
            csv_sha256="a" * 64,
            csv_path=f"exports/2026-10/{customer_number}.csv",
            line_count=len(service_ids),
            net_cents=100,
            gross_cents=119,
            lines=billed(*service_ids),
        ),
        flow_run_id=None,
    )


def claim_shared_lines(ledger: Ledger, who: int) -> str:
    """In each round everybody plans a line of its own and two that all want, and sends that."""
    won = 0
    meet()
    for turn in range(ROUNDS):
        customer_number = f"K{turn}-{who}"
        try:
            lines = (f"own-{turn}-{who}", f"a-{turn}", f"z-{turn}")
            ledger.advance(plan_round(ledger, customer_number, *lines), Event.SEND_UPLOAD)
        except AlreadyBilled:
            assert ledger.find_export("2026-10", customer_number, 1) is None
        except LedgerConflict:
            continue
        else:
            won += 1
    return str(won)


def swap_lines(ledger: Ledger, who: int) -> str:
    """Each plans its export anew, again and again, with lines that others hold or just let go."""
    meet()
    for turn in range(2 * ROUNDS):
        try:
            plan_round(ledger, f"K{who}", f"S{(who + turn) % 5}", f"S{(who * turn + 1) % 5}")
        except AlreadyBilled:
            continue
    return "done"


def send_the_same_export(ledger: Ledger, who: int) -> str:
    export = ledger.exports("2026-10")[0]
    meet()
    try:
        ledger.advance(export, Event.SEND_UPLOAD, flow_run_id=f"run-{who}")
    except LedgerConflict:
        return "lost"
    return "won"


def write_all_the_time(ledger: Ledger, who: int) -> str:
    meet()
    for turn in range(ROUNDS):
        export = plan_round(ledger, f"K{who}-{turn}", f"S{who}-{turn}")
        for event in WAY:
            export = ledger.advance(export, event)
            ledger.record_call(
                CallToLog(
                    at=datetime.now(UTC),
                    month="2026-10",
                    customer_number=export.customer_number,
                    method="POST",
                    path="/documents",
                    status=201,
                    outcome="success",
                    duration_ms=1,
                    error=None,
                    flow_run_id=None,
                )
            )
    return "done"


def bring_another_key(ledger: Ledger, who: int) -> str:
    meet()
    try:
        ledger.recognise_logins([who])
    except AccountMismatch:
        return "lost"
    return "won"


def open_and_fail_a_customer(url: str, who: int) -> str:
    meet()
    ledger = Ledger(open_engine(url), "main")
    ledger.fail("2026-10", f"K{who}", reason=why("bad row"), flow_run_id=None)
    return "done"


def test_exactly_one_of_many_plans_gets_a_line(
    all_at_once: Run, ledger_url: str, ledger: Ledger
) -> None:
    wins = all_at_once(claim_shared_lines, ledger_url, ledger.account)

    assert sum(map(int, wins)) == ROUNDS
    winners = [e for e in ledger.exports("2026-10") if e.state == ExportState.SENDING]
    assert len(winners) == ROUNDS
    for winner in winners:
        turn, who = winner.customer_number.removeprefix("K").split("-")
        claimed = service_lines(f"own-{turn}-{who}", f"a-{turn}", f"z-{turn}")
        assert ledger.lines_of(winner) == claimed


def test_plans_that_swap_lines_neither_deadlock_nor_share_any(
    all_at_once: Run, ledger_url: str, ledger: Ledger
) -> None:
    assert all_at_once(swap_lines, ledger_url, ledger.account) == ["done"] * AT_ONCE

    held = [line for export in ledger.exports("2026-10") for line in ledger.lines_of(export)]
    assert len(held) == len(set(held)) > 0


def test_exactly_one_of_many_advances_wins(
    all_at_once: Run, ledger_url: str, ledger: Ledger, plan: Plan
) -> None:
    plan("K1", "S1")

    results = all_at_once(send_the_same_export, ledger_url, ledger.account)

    assert Counter(results) == {"won": 1, "lost": AT_ONCE - 1}
    assert ledger.exports("2026-10")[0].flow_run_id == f"run-{results.index('won')}"


def test_exactly_one_of_many_keys_becomes_the_account(
    all_at_once: Run, ledger_url: str, ledger: Ledger
) -> None:
    results = all_at_once(bring_another_key, ledger_url, ledger.account)

    assert Counter(results) == {"won": 1, "lost": AT_ONCE - 1}


def test_writing_all_at_once_loses_nothing(
    all_at_once: Run, ledger_url: str, ledger: Ledger
) -> None:
    assert all_at_once(write_all_the_time, ledger_url, ledger.account) == ["done"] * AT_ONCE

    exports = ledger.exports("2026-10")
    assert Counter(export.state for export in exports) == {"unknown": AT_ONCE * ROUNDS}
    assert len(ledger.calls("2026-10")) == AT_ONCE * ROUNDS * 4


def test_eight_processes_can_open_a_fresh_ledger_at_once(
    processes: Executor, fresh_url: str
) -> None:
    parts = [processes.submit(open_and_fail_a_customer, fresh_url, who) for who in range(AT_ONCE)]
    assert [part.result(60) for part in parts] == ["done"] * AT_ONCE

    engine = open_engine(fresh_url)
    assert len(Ledger(engine, "main").exports("2026-10")) == AT_ONCE
    with engine.connect() as connection:
        versions = connection.execute(text(f"SELECT count(*) FROM {VERSION_TABLE}")).scalar_one()
    assert versions == 1
    engine.dispose()
