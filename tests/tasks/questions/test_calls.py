"""Who sent this, and when?"""

import re
from datetime import UTC, datetime

from blocks.ledger.ledger import CallToLog
from tests.asking import Asking


def record(asking: Asking, customer_number: str | None, **more: str | int | None) -> None:
    call = {
        "method": "POST",
        "path": "/documents",
        "status": 201,
        "outcome": "success",
        "duration_ms": 12,
        "error": None,
        **more,
    }
    asking.connections.ledger.record_call(
        CallToLog(
            at=datetime(2026, 11, 1, 5, 0, 1, tzinfo=UTC),
            month="2026-10",
            customer_number=customer_number,
            flow_run_id=None,
            **call,  # type: ignore[arg-type]
        )
    )


def test_every_call_is_told_with_both_times_and_its_outcome(asking: Asking) -> None:
    asking.connections.ledger.recognise_logins([5, 7])
    record(asking, None, method="GET")
    record(asking, "K1", status=None, outcome="unknown", error="no answer\nin time")
    code, text = asking.ask("calls", "2026-10")
    assert code == 0
    assert text.splitlines()[0] == (
        "2026-10: 2 calls to easybill, 1 success, 0 failure, 1 unknown, account main,"
        " easybill login 5, 7."
    )
    assert re.split(" {2,}", text.splitlines()[-1]) == [
        *("2026-11-01 06:00:01", "2026-11-01 05:00:01", "K1", "POST", "/documents", "-"),
        *("unknown", "12", "-", "no answer in time"),
    ]


def test_only_what_was_sent_for_the_customer_is_told_where_one_is_named(asking: Asking) -> None:
    record(asking, "K1", path="/documents/1")
    record(asking, "K2", path="/documents/2")
    record(asking, None, path="/documents/3")
    _, text = asking.ask("calls", "2026-10", "--customer", "K1")
    assert "/documents/1" in text
    assert "/documents/2" not in text
    assert "/documents/3" not in text


def test_a_month_without_calls_answers_no(asking: Asking) -> None:
    code, text = asking.ask("calls", "2026-10")
    assert text.startswith("2026-10: 0 calls to easybill")
    assert code == 1
