"""What happens without a guard: `python -m tests.simulation.guards` writes it into docs/.

Each guard is taken away alone, by a version of its piece that lacks it; then stories are told until
one ends badly.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from blocks.easybill.calls import ApiCall
from blocks.easybill.models import Attachment, Document
from blocks.ledger.protocol import transition_of
from blocks.ledger.records import BilledLine, Export, Lease
from blocks.ledger.states import Event, ExportState
from tasks.easybill.delivery import Delivery
from tasks.easybill.lookup import EasybillLookup
from tasks.easybill.upload import MonthDelivery
from tasks.run.gate import Gate
from tests.shared import ROOT
from tests.simulation.cast import Cast
from tests.simulation.invariants import broken
from tests.simulation.kept import kept_stories
from tests.simulation.ledger import SimLedger
from tests.simulation.ledger_tables import Key, LedgerTables, key_of
from tests.simulation.oms import SimOms
from tests.simulation.play import play
from tests.simulation.telling import first_failure

MOST_SEEDS = 10_000
TABLE = ROOT / "docs" / "internals" / "guards.md"


class _SeesNothing(EasybillLookup):
    def documents(self, external_id: str) -> list[Document]:
        return []

    def attachments(self, file_name: str) -> list[Attachment]:
        return []


class NeverLooks(MonthDelivery):
    """Sends again without looking whether the first time got through."""

    @contextmanager
    def of(
        self, customer_number: str, on_call: Callable[[ApiCall], None] = lambda _: None
    ) -> Iterator[Delivery]:
        client = self.connections.client_for(self.month, customer_number)
        blind = _SeesNothing(client, self.month.following().first_day)
        with super().of(customer_number, on_call) as delivery:
            yield replace(delivery, lookup=blind)


class GivesEverybodyTheLease(LedgerTables):
    """Every run is given the month, whoever works on it."""

    def take_lease(
        self, month: str, holder: str, seconds: int, now: datetime, instead_of: Lease | None
    ) -> Lease | None:
        return super().take_lease(month, holder, seconds, now, self.leases.get(month))


class ChecksNoToken(SimLedger):
    """Whoever once had the lease may write."""

    def under(self, lease: Lease) -> Self:
        return self


class SendsWithoutLease(Gate):
    """Sends however little is left of the lease."""

    def let_out(self) -> None:
        self._out += 1


class TrustsTheFirstLook(Gate):
    """Believes at once that what a look does not find is not there."""

    def wait_out_doubt(self, customer_number: str | None) -> bool:
        return False

    def close(self, at_most_s: float) -> bool:
        super().close(at_most_s)
        return True


class CallsBeforeWriting(SimLedger):
    """Does not say what is about to be sent: only the process itself knows."""

    def advance(
        self, export: Export, event: Event, *, then: Event | None = None, **values: Any
    ) -> Export:
        call = transition_of(export, event).sends
        if call is not None:
            return replace(export, state=ExportState.SENDING, pending=call)
        advanced = super().advance(export, event, **values)
        return advanced if then is None else self.advance(advanced, then)


class KnowsOfNoCalls(LedgerTables):
    """Writes what came of a call that was not announced."""

    def require_unchanged(self, export: Export) -> None:
        row = self.exports[key_of(export)]
        is_sending = export.state == ExportState.SENDING
        super().require_unchanged(replace(export, state=row.state) if is_sending else export)


class ClaimsTwice(LedgerTables):
    """Lets two exports hold one line."""

    def make_free(self, key: Key, lines: Iterable[BilledLine]) -> None:
        return


class IncludesTheEnd(SimOms):
    """Counts the first instant of the next month in."""

    def covers(self, starts_at: datetime, moment: datetime, ends_at: datetime) -> bool:
        return starts_at <= moment <= ends_at


@dataclass(frozen=True, slots=True)
class Guard:
    """A guard, and who plays without it."""

    name: str
    cast: Cast


@dataclass(frozen=True, slots=True)
class BadEnd:
    """A story, by seed or name, and how it ends badly."""

    story: str
    how: str


GUARDS = (
    Guard("look into easybill before sending again", Cast(delivery=NeverLooks)),
    Guard("one run per month: the lease", Cast(tables=GivesEverybodyTheLease)),
    Guard("fencing: the ledger checks the lease's token", Cast(ledger=ChecksNoToken)),
    Guard("fencing: the lease is checked before a request", Cast(gate=SendsWithoutLease)),
    Guard(
        "the ledger says what will be sent, before it is", Cast(CallsBeforeWriting, KnowsOfNoCalls)
    ),
    Guard("a look that finds nothing counts a minute after sending", Cast(gate=TrustsTheFirstLook)),
    Guard("a line is claimed once: the unique key", Cast(tables=ClaimsTwice)),
    Guard("a month ends before the next begins", Cast(oms=IncludesTheEnd)),
)


def table(found: Iterable[tuple[Guard, BadEnd | None]]) -> str:
    """The page for people."""
    rows = [_row(guard, end) for guard, end in found]
    return "\n".join(
        [
            "# What each guard prevents",
            "",
            "Written by `python -m tests.simulation.guards`: each guard is taken away alone, and"
            f" stories are played, those of the seeds 1 to {MOST_SEEDS} and then those in"
            " tests/simulation/kept, until one ends badly.",
            "",
            "| without this guard | first story that ends badly | how |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )


def first_bad_end(cast: Cast) -> BadEnd | None:
    """The first story that ends badly with this cast."""
    if ending := first_failure(range(1, MOST_SEEDS + 1), cast):
        return BadEnd(str(ending.seed), ending.complaints[0])
    for name, story in kept_stories().items():
        if complaints := broken(play(story, cast=cast)):
            return BadEnd(name, complaints[0])
    return None


def _row(guard: Guard, end: BadEnd | None) -> str:
    return f"| {guard.name} | {end.story} | {end.how} |" if end else f"| {guard.name} | none | |"


def main() -> int:
    """Write the table; 0 where every guard was missed."""
    found = []
    for guard in GUARDS:
        end = first_bad_end(guard.cast)
        sys.stdout.write(f"{_row(guard, end)}\n")
        sys.stdout.flush()
        found.append((guard, end))
    TABLE.write_text(table(found), encoding="utf-8")
    return int(any(end is None for _, end in found))


if __name__ == "__main__":
    sys.exit(main())
