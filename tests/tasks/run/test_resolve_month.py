from datetime import UTC, datetime

import pytest

from tasks.run.resolve_month import MonthNotOver, resolve_month, run_name

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_the_month_asked_for_is_taken() -> None:
    assert str(resolve_month("2026-10", preview=False, now=NOW)) == "2026-10"


def test_a_month_that_still_runs_can_only_be_previewed() -> None:
    with pytest.raises(MonthNotOver, match="2026-11 is not over yet: run it after 2026-11-30"):
        resolve_month("2026-11", preview=False, now=NOW)
    assert str(resolve_month("2026-11", preview=True, now=NOW)) == "2026-11"


def test_a_run_with_an_unreadable_month_has_a_name_all_the_same() -> None:
    assert run_name("monthly-invoicing", "2026-10") == "monthly-invoicing 2026-10"
    previewed = run_name("monthly-invoicing", "2026-10", preview=True)
    assert previewed == "monthly-invoicing 2026-10 preview"
