"""Somebody who runs months and asks about them, with the ledger on SQLite and on PostgreSQL."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import pytest

from tasks.ask import parser
from tasks.questions.asked import answer
from tasks.report.run_report import RunReport
from tasks.run.connections import Connections
from tasks.run.request import RunRequest
from tests.plain_run import connect_by_settings, run_plainly
from tests.tasks.billing.test_invoice import OCTOBER
from tests.world import World


@dataclass(frozen=True, slots=True)
class Asking:
    """The world, and what is read of it."""

    world: World
    connections: Connections

    def run(self, customers: Collection[str] | None = None) -> RunReport:
        """Invoice October, without Prefect."""
        request = RunRequest(OCTOBER, None if customers is None else frozenset(customers))
        return run_plainly(self.connections, request)

    def ask(self, *words: str) -> tuple[int, str]:
        """Exit code and text of `python -m tasks.ask`; asking writes nothing anywhere."""
        writes, exports = self.world.easybill.counts(), self.world.ledger.exports("2026-10")
        found = answer(self.connections, parser().parse_args(words))
        assert self.world.easybill.counts() == writes
        assert self.world.ledger.exports("2026-10") == exports
        assert self.world.easybill.api_key not in found[1]
        return found


@pytest.fixture(params=["sqlite", "postgres"])
def asking(world: World, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Asking:
    """A world with nobody in it, and somebody who asks."""
    if request.param == "postgres":
        world = replace(world, ledger_url=str(request.getfixturevalue("postgres_url")))
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("EASYBILL_DOCUMENT_URL", "https://easybill.example/document/{document_id}")
    return Asking(world, connect_by_settings())
