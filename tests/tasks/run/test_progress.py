"""How far the uploads are, by a clock that the test turns."""

import pytest

from tasks.run.progress import TOLD_EVERY_S, Pace, Progress, duration_text


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += seconds


def test_a_month_that_begins_is_estimated_by_the_request_limit() -> None:
    # 1,425 customers of 3 requests at 60 a minute: 71.25 minutes.
    assert str(Progress(1425, 60, Clock()).pace) == (
        "0 of 1,425 customers uploaded; about 1 h 11 min left: easybill allows 60 requests a"
        " minute, and a customer takes 3"
    )


def test_a_first_burst_does_not_shorten_what_the_limit_takes() -> None:
    # The first requests go out at once: 20 customers in 4 seconds say nothing of the other 80.
    pace = Pace(done=20, total=100, elapsed_s=4, requests_per_minute=60)
    assert "about 4 min left: easybill allows 60 requests" in str(pace)


def test_a_run_that_is_slower_than_the_limit_is_estimated_by_its_own_rate() -> None:
    # 10 of 40 customers in 100 s: 300 s for the rest; the limit alone: 30 x 3 s.
    pace = Pace(done=10, total=40, elapsed_s=100, requests_per_minute=60)
    assert str(pace) == (
        "10 of 40 customers uploaded; about 5 min left at the rate so far (6.0 customers a"
        " minute); the request limit alone would take 2 min"
    )


def test_a_run_a_little_slower_than_the_limit_is_still_the_limits() -> None:
    assert "easybill allows" in str(Pace(10, 40, elapsed_s=35, requests_per_minute=60))


def test_all_done_is_a_hundred_percent_with_nothing_left() -> None:
    pace = Pace(3, 3, elapsed_s=9, requests_per_minute=10)
    assert (pace.percent, str(pace)) == (100, "3 of 3 customers uploaded")


def test_a_hundred_percent_is_not_said_before_the_last_customer() -> None:
    assert Pace(1424, 1425, elapsed_s=9, requests_per_minute=10).percent == 99.9


def test_it_is_told_every_few_seconds_and_at_the_end() -> None:
    clock = Clock()
    progress = Progress(4, 10, clock)
    assert progress.one_more() is None
    clock.turn(TOLD_EVERY_S)
    told = progress.one_more()
    assert told is not None
    assert told.percent == 50
    assert progress.one_more() is None
    last = progress.one_more()
    assert last is not None
    assert last.percent == 100


def test_a_month_of_1425_customers_is_told_of_once_in_five_seconds() -> None:
    clock = Clock()
    progress = Progress(1425, 60, clock)
    told = 0
    for _ in range(1425):
        clock.turn(3)
        told += progress.one_more() is not None
    # 71 minutes: once in two customers, for each takes 3 s
    assert told == 713


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (3569, "59 min"),
        (3600, "1 h"),
        (4275, "1 h 11 min"),
    ],
)
def test_durations_are_said_as_people_say_them(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text
