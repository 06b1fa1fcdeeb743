"""The state that a run ends in, where its work could not be done."""

import pytest

from blocks.oms.errors import OmsUnavailable
from flows.conclude import concluded
from tasks.easybill.withdraw import Withdrawal
from tasks.report.run_report import RunReport
from tasks.run.lease import MonthHeld


def raising(error: BaseException) -> RunReport:
    raise error


def test_an_error_that_ends_the_work_is_a_failed_state_that_says_what_to_do() -> None:
    error = OmsUnavailable("The OMS's database does not answer")
    state = concluded(lambda: raising(error))
    assert state.is_failed()
    assert state.message == (
        "The OMS's database does not answer. Retry when the OMS answers: nothing is sent twice."
    )
    assert state.data is error


def test_a_month_that_is_held_ends_cancelled() -> None:
    state = concluded(lambda: raising(MonthHeld("2026-10", "run 7")))
    assert state.is_cancelled()
    assert "run 7" in str(state.message)


def test_a_withdrawal_that_left_nothing_is_completed() -> None:
    state = concluded(lambda: Withdrawal("2026-10", ("K1",), ()))
    assert (state.is_completed(), state.message) == (True, "2026-10: 1 drafts withdrawn")


def test_a_person_who_stops_the_run_is_not_called_a_failure() -> None:
    with pytest.raises(KeyboardInterrupt):
        concluded(lambda: raising(KeyboardInterrupt()))
