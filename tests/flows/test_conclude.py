"""The state that a run ends in, where its work could not be done."""

import logging
import pickle

import pytest

from blocks.oms.errors import OmsUnavailable
from flows.conclude import concluded
from tasks.easybill.withdraw import Withdrawal
from tasks.report.run_report import RunReport
from tasks.run.lease import MonthHeld
from tasks.run.run_failure import NotDone, leave_out_tracebacks


def raising(error: BaseException) -> RunReport:
    raise error


def test_an_error_that_ends_the_work_is_a_failed_state_that_says_what_to_do() -> None:
    error = OmsUnavailable("The OMS's database does not answer")
    state = concluded(lambda: raising(error))
    assert state.is_failed()
    assert state.message == (
        "The OMS's database does not answer. Retry when the OMS answers: nothing is sent twice."
    )
    assert isinstance(state.data, NotDone)
    assert (str(state.data), state.data.cause) == (state.message, error)


def test_what_prefect_keeps_of_a_run_that_did_not_do_all_is_one_sentence() -> None:
    kept = pickle.loads(pickle.dumps(NotDone("2 of 3 done", {"a": "large report"})))
    assert (repr(kept), kept.cause) == ("NotDone('2 of 3 done')", None)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NotDone("2 of 3 done"), ["2 of 3 done"]),
        (OmsUnavailable("away"), []),
        (TypeError("surprise"), ["Engine execution exited\nTypeError: surprise"]),
    ],
)
def test_prefect_logs_a_traceback_only_of_what_nobody_foresaw(
    error: Exception, told: list[str]
) -> None:
    leave_out_tracebacks()
    logger, exc_info = logging.getLogger("prefect.flow_runs"), (type(error), error, None)
    record = logger.makeRecord(
        logger.name, logging.ERROR, __file__, 1, "Engine execution exited", (), exc_info
    )
    records = [record] if logger.filter(record) else []
    formatter = logging.Formatter("%(message)s")
    assert [formatter.format(record) for record in records] == told


def test_a_month_that_is_held_ends_cancelled() -> None:
    state = concluded(lambda: raising(MonthHeld("2026-10", "run 7")))
    assert state.is_cancelled()
    assert "run 7" in str(state.message)


def test_a_withdrawal_that_left_nothing_is_completed() -> None:
    state = concluded(lambda: Withdrawal("2026-10", ("K1",), ()))
    assert (state.is_completed(), state.message) == (
        True,
        "2026-10: 1 draft withdrawn, of customer K1",
    )


def test_a_person_who_stops_the_run_is_not_called_a_failure() -> None:
    with pytest.raises(KeyboardInterrupt):
        concluded(lambda: raising(KeyboardInterrupt()))
