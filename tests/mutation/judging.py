"""The judges of a mutant: the tests that mirror its module, and stories. Each in its own process.

The process starts as a copy of this one, which has read the libraries and nothing of ours: so it
reads our code, the mutant's too, from its own copy of the checkout.
"""

import importlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

LIBRARIES = (
    *("alembic.command", "fastapi", "greenlet", "httpx", "hypothesis", "jinja2", "msgspec"),
    *("pandera.polars", "polars", "prefect", "prefect.automations", "prefect.client.orchestration"),
    *("psycopg", "psycopg_pool", "pydantic_settings", "pymysql", "pyrate_limiter"),
    *("sqlalchemy.dialects.mysql", "sqlalchemy.dialects.postgresql", "uvicorn"),
)
OURS = frozenset({"tests", "flows", "tasks", "blocks", "demo", "bench"})
# No test and no story takes a fifth of this processor time; a test may also wait for nothing.
BUSY_FOR_S = 30.0
TEST_ENDS_WITHIN_S = 120.0
# In a loop that catches everything, it is said again and again.
REPEATED_EVERY_S = 5.0

Judge = Callable[[], str | None]


class Endless(BaseException):
    """A test or a story does not end."""


def read_libraries() -> None:
    """Import what takes long, before the first copy of this process is made."""
    for name in LIBRARIES:
        importlib.import_module(name)


def judge(copy: Path, work: Judge, verdict: Connection) -> None:
    """Send why the mutant in this copy of the checkout is found out; None where it is not."""
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.chdir(copy)
    sys.path.insert(0, str(copy))
    for name in [name for name in sys.modules if name.split(".")[0] in OURS]:
        del sys.modules[name]
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    try:
        said = work()
    except BaseException as error:
        said = f"{type(error).__name__}: {error}"
    verdict.send(said)


def run_tests(tests: tuple[str, ...]) -> str | None:
    """The first test that fails, or how pytest ended."""
    first = _FirstFailure()
    code = pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests], plugins=[first])
    if code == pytest.ExitCode.OK:
        return None
    return first.said or f"pytest: {pytest.ExitCode(code).name}"


def tell_stories(first: int, after_last: int) -> str | None:
    """The first story that ends badly, or never."""
    telling: Any = importlib.import_module("tests.simulation.telling")
    telling.quiet()
    for seed in range(first, after_last):
        try:
            with _ending(signal.ITIMER_PROF, signal.SIGPROF, BUSY_FOR_S):
                ending = telling.end_of(seed)
        except Endless:
            return f"story {seed} does not end"
        if ending.complaints:
            return f"story {seed}: {ending.complaints[0]}"
    return None


class _FirstFailure:
    """Keeps which test failed, and ends those that never do."""

    def __init__(self) -> None:
        self.said: str | None = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        try:
            with (
                _ending(signal.ITIMER_REAL, signal.SIGALRM, TEST_ENDS_WITHIN_S),
                _ending(signal.ITIMER_PROF, signal.SIGPROF, BUSY_FOR_S),
            ):
                return (yield)
        except Endless:
            self.said = f"{item.nodeid} does not end"
            raise

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and self.said is None:
            self.said = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and self.said is None:
            self.said = f"{report.nodeid} cannot be read"


@contextmanager
def _ending(timer: int, number: int, seconds: float) -> Iterator[None]:
    """Raise Endless in the block once it has taken too long."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise Endless

    signal.signal(number, end)
    signal.setitimer(timer, seconds, REPEATED_EVERY_S)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)
