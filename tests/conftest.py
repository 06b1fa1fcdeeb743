"""Fixtures that every test may use, and which tests are quick enough for `make check`."""

import logging
from collections.abc import Iterator

import hypothesis
import pytest

# A deadline would measure the machine, not the code.
hypothesis.settings.register_profile("without a deadline", deadline=None)
hypothesis.settings.load_profile("without a deadline")

pytest_plugins = [
    "tests.databases",
    "tests.easybill_sandbox",
    "tests.prefect_server",
    "tests.receiver",
    "tests.world",
    # After what it imports, whose asserts pytest would not rewrite otherwise.
    "tests.asking",
]

# Their tests start processes, browsers or flows, or tell long stories.
OUTSIDE_FOLDERS = frozenset({"browser", "crash", "flows", "mutation", "simulation", "small_scope"})
OUTSIDE_MODULES = frozenset(
    {
        "test_ask",
        "test_check_prefect",
        "test_command",
        "test_deadline",
        "test_layout_command",
        "test_limiter",
        "test_register",
        "test_transport",
    }
)
# They bring up a server or processes.
OUTSIDE_FIXTURES = frozenset(
    {"postgres_server", "mariadb_server", "prefect_server", "processes", "receiver", "sandbox"}
)
# In the ids of tests that run once per kind of database, or among processes.
OUTSIDE_WORDS = ("postgres", "mariadb", "processes")


@pytest.fixture(autouse=True)
def _runs_are_heard_again() -> Iterator[None]:
    """Stories silence what the runs log; the next test may read it."""
    yield
    logging.getLogger("invoicing").disabled = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as pure each test that needs nothing but this process and files."""
    for item in items:
        is_outside = (
            not OUTSIDE_FOLDERS.isdisjoint(item.path.parts)
            or item.path.stem in OUTSIDE_MODULES
            or not OUTSIDE_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))
            or any(word in item.name for word in OUTSIDE_WORDS)
        )
        if not is_outside:
            item.add_marker("pure")
