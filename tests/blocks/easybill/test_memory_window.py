import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.easybill.memory_window import MemoryWindow
from tests.blocks.easybill.wire import shortest_span


class FakeClock:
    def __init__(self) -> None:
        self.ms = 1_000

    def __call__(self) -> int:
        return self.ms


STEPS = st.lists(
    st.tuples(st.integers(0, 4_000), st.booleans(), st.sampled_from([1, 1, 2])), max_size=60
)


@given(limit=st.integers(1, 5), steps=STEPS)
def test_no_window_ever_holds_more_than_the_limit(
    limit: int, steps: list[tuple[int, bool, int]]
) -> None:
    clock = FakeClock()
    window = MemoryWindow(limit, 10.0, clock)
    granted: list[float] = []
    for advance_ms, waits_until_told, wanted in steps:
        clock.ms += advance_ms
        requests = min(wanted, limit)
        wait = window.take(requests)
        if wait > 0 and waits_until_told:
            clock.ms += round(wait * 1000)
            assert window.take(requests) == 0
            granted += [clock.ms] * requests
        elif wait == 0:
            granted += [clock.ms] * requests
    if len(granted) > limit:
        assert shortest_span(granted, limit + 1) > 10_000


@given(limit=st.integers(1, 50))
def test_the_first_go_at_once_and_the_next_waits_for_the_first_to_leave(limit: int) -> None:
    clock = FakeClock()
    window = MemoryWindow(limit, 10.0, clock)
    assert [window.take() for _ in range(limit)] == [0.0] * limit
    clock.ms += 4_000
    assert window.take() == pytest.approx(6.0, abs=0.002)


def test_turns_for_several_requests_are_given_all_at_once_or_not_at_all() -> None:
    clock = FakeClock()
    window = MemoryWindow(3, 10.0, clock)
    assert window.take(2) == 0
    clock.ms += 4_000
    assert window.take(2) == pytest.approx(6.0, abs=0.002)
    assert window.take() == 0
    assert window.take() == pytest.approx(6.0, abs=0.002)


def test_a_pause_holds_even_where_there_is_room() -> None:
    clock = FakeClock()
    window = MemoryWindow(5, 10.0, clock)
    window.pause(30)
    window.pause(2)
    assert window.take() == 30
    clock.ms += 29_999
    assert window.take() > 0
    clock.ms += 1
    assert window.take() == 0


def test_threads_get_the_limit_between_them() -> None:
    window = MemoryWindow(50, 60.0)
    granted: list[float] = []

    def take_many() -> None:
        granted.extend(wait for _ in range(100) if (wait := window.take()) == 0)

    threads = [threading.Thread(target=take_many) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(granted) == 50


def test_moments_that_left_the_window_are_forgotten() -> None:
    clock = FakeClock()
    window = MemoryWindow(1_000_000, 10.0, clock)
    for _ in range(100):
        clock.ms += 1_000
        window.take()
    assert window._bucket.count() <= 11
