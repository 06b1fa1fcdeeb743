"""Eight at once, in threads or in processes, each with its own view of one ledger."""

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.synchronize import Barrier

from blocks.ledger.engines import open_engine
from blocks.ledger.ledger import Ledger

AT_ONCE = 8
SPAWN = multiprocessing.get_context("spawn")
_start: Barrier | threading.Barrier

Contest = Callable[[Ledger, int], str]
Run = Callable[[Contest, str, str], list[str]]


def meet() -> None:
    """Wait until all eight have come as far as this."""
    _start.wait(30)


@contextmanager
def eight_processes() -> Iterator[Executor]:
    gate = SPAWN.Barrier(AT_ONCE)
    with ProcessPoolExecutor(
        AT_ONCE, mp_context=SPAWN, initializer=_await_start, initargs=(gate,)
    ) as pool:
        yield pool


@contextmanager
def eight_threads() -> Iterator[Executor]:
    _await_start(threading.Barrier(AT_ONCE))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield pool


def hold(pool: Executor, contest: Contest, url: str, account: str) -> list[str]:
    """Answer what each of the eight said at the end, in the order of their numbers."""
    parts = [pool.submit(_take_part, contest, url, account, who) for who in range(AT_ONCE)]
    return [part.result(120) for part in parts]


def _await_start(start: Barrier | threading.Barrier) -> None:
    global _start
    _start = start


def _take_part(contest: Contest, url: str, account: str, who: int) -> str:
    return contest(Ledger(open_engine(url), account), who)
