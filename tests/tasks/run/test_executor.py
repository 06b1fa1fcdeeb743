"""How steps are run without Prefect: outcomes, repeats and their order."""

import pytest

from blocks.easybill.errors import Unavailable
from tasks.billing.issue import Issue, IssueCode
from tasks.run.executor import Keyed
from tasks.run.failures import CustomerFailure
from tasks.run.steps import BUILD, LOAD, STEPS, UPLOAD, Way
from tests.plain_run import PlainExecutor

CUSTOMERS = [Keyed("K1", "a", 1), Keyed("K2", "b", 0), Keyed("K3", "c", 3)]


class Pauses(list[float]):
    """Keeps the pauses that an executor makes."""

    def executor(self, customers_at_once: int = 1) -> PlainExecutor:
        return PlainExecutor(sleep=self.append, customers_at_once=customers_at_once)


@pytest.mark.parametrize("customers_at_once", [1, 3])
def test_one_customers_error_is_an_outcome_and_stops_no_other(customers_at_once: int) -> None:
    executor = Pauses().executor(customers_at_once)
    first, failed, third = executor.map(BUILD, lambda number: 6 // number, CUSTOMERS)
    assert (first, third) == (6, 2)
    assert isinstance(failed, ZeroDivisionError)


def test_a_step_that_may_be_repeated_is_tried_as_often_as_the_table_says() -> None:
    pauses, tried = Pauses(), []

    def deliver(number: int) -> None:
        tried.append(number)
        raise CustomerFailure(Issue(IssueCode.OUTCOME_UNKNOWN, "K1", "2026-10"))

    (outcome,) = pauses.executor().map(UPLOAD, deliver, CUSTOMERS[:1])
    assert isinstance(outcome, CustomerFailure)
    assert len(tried) == UPLOAD.attempts == 5
    assert pauses == [2, 4, 8, 16]


def test_a_step_ends_as_soon_as_an_attempt_gets_through() -> None:
    pauses, answers = Pauses(), iter([Unavailable("busy"), Unavailable("busy"), None])

    def deliver(number: int) -> int:
        if error := next(answers):
            raise error
        return number

    assert pauses.executor().map(UPLOAD, deliver, CUSTOMERS[:1]) == [1]
    assert pauses == [2, 4]


def test_a_refusal_is_never_repeated() -> None:
    pauses = Pauses()

    def deliver(_: int) -> None:
        raise CustomerFailure(Issue(IssueCode.EASYBILL_REFUSED, "K1", "2026-10"))

    (outcome,) = pauses.executor().map(UPLOAD, deliver, CUSTOMERS[:1])
    assert isinstance(outcome, CustomerFailure)
    assert pauses == []


def test_a_single_step_raises_what_ended_it() -> None:
    with pytest.raises(ZeroDivisionError):
        Pauses().executor().run(LOAD, lambda: 1 // 0)


def test_each_customer_that_is_done_is_counted() -> None:
    done: list[bool] = []
    Pauses().executor().map(
        BUILD, lambda number: 6 // number, CUSTOMERS, on_done=lambda: done.append(True)
    )
    assert len(done) == 3


def test_only_the_build_of_files_is_cached() -> None:
    assert [step for step in STEPS if step.is_cached] == [BUILD]
    assert BUILD.way is Way.MAPPED
