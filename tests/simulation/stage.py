"""The stage of one story: all that its processes share, and what befell them."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from blocks.ledger.errors import LedgerUnavailable
from tests.simulation.cast import AS_IN_PRODUCTION, Cast
from tests.simulation.client import SimEasybillClient
from tests.simulation.easybill import SimEasybill
from tests.simulation.faults import LateEffects, usual_faults
from tests.simulation.ledger import SimLedger
from tests.simulation.ledger_tables import LedgerTables
from tests.simulation.luck import Befalls, DrawnLuck, KeptLuck, Luck, ToldLuck
from tests.simulation.oms import SimOms
from tests.simulation.paths import CLOCK_JUMPED, LEDGER_FAILED
from tests.simulation.process import Process
from tests.simulation.steps import RunStarts
from tests.simulation.story import Story
from tests.simulation.timeline import Timeline
from tests.simulation.troubles import Trouble
from tests.simulation.wire import Wire

Answer = TypeVar("Answer")


@dataclass(slots=True)
class Stage:
    """The world of one story; `folder` is the disk that our processes share."""

    story: Story
    folder: Path
    cast: Cast = AS_IN_PRODUCTION
    rng: random.Random = field(init=False)
    timeline: Timeline = field(init=False, default_factory=Timeline)
    oms: SimOms = field(init=False)
    tables: LedgerTables = field(init=False)
    easybill: SimEasybill = field(init=False)
    wire: Wire = field(init=False)
    processes: list[Process] = field(init=False, default_factory=list)
    ledger_copy: tuple[dict[str, Any], ...] = ()
    # When the ledger was put back or lost for the last time.
    ledger_went_back_at: float | None = None
    clock_error_seconds: float = 0.0
    faults: int = 0
    ledger_failed: set[str] = field(default_factory=set)
    told: list[str] | None = None
    befell: list[Befalls] | None = None
    late_effects: LateEffects = field(init=False)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.story.seed)
        self.late_effects = LateEffects(self.story.late_effects)
        self.oms, self.tables = self.cast.oms(), self.cast.tables()
        self.easybill = SimEasybill(lambda: self.timeline.now)
        self.easybill.invoices_may_change = Trouble.INVOICES_CHANGE in self.story.troubles
        self.wire = Wire(
            self.timeline,
            self.easybill,
            self.tell,
            self.tables.paths,
        )

    def tell(self, who: str, text: str) -> None:
        """Keep a line of the story, where somebody wants to read it."""
        if self.told is not None:
            self.told.append(f"{self.timeline.now:12.3f} {who}: {text}")

    def process(self, step: RunStarts) -> Process:
        """A process of ours, with a clock as wrong as the machine's is now."""
        luck = self._luck_of(step)
        process = Process(self.timeline, step.name, luck, self.clock_error_seconds)
        self.processes.append(process)
        return process

    def client(self, process: Process) -> SimEasybillClient:
        """easybill as the process reaches it."""
        return SimEasybillClient(self.wire, process)

    def ledger(self, process: Process) -> SimLedger:
        """The ledger as the process reaches it: every call takes time, and may fail."""

        def around(label: str, act: Callable[[], Answer]) -> Answer:
            luck = process.luck.in_ledger(label)
            if not luck.fails:
                answer = process.step(label, luck.seconds, act)
                self.tell(process.name, label)
                return answer
            self.faults += 1
            self.ledger_failed.add(process.name)
            self.tables.paths.add(f"{LEDGER_FAILED}{luck.fails} it wrote")
            if luck.fails == "after":
                process.step(label, luck.seconds, act)
            self.tell(process.name, f"{label}: the ledger does not answer")
            raise LedgerUnavailable("The ledger does not answer.")

        return self.cast.ledger(self.tables, process.now, around, writer=process.name)

    def _luck_of(self, step: RunStarts) -> Luck:
        story = self.story
        if story.befalls is not None:
            return ToldLuck.of(step.name, story.befalls)
        rates = (step.fault_rate, step.ledger_fault_rate)
        usual = usual_faults(story.troubles)
        drawn = DrawnLuck(self.rng, self.late_effects, step.mishaps, usual, *rates)
        return drawn if self.befell is None else KeptLuck(drawn, step.name, self.befell)

    def put_ledger_back(self, *, is_lost: bool) -> None:
        """End whatever runs; then the ledger is as it was copied, or empty."""
        for process in self.processes:
            if not process.is_dead:
                process.befell.append("killed")
                process.is_dead = True
        self.tables.put_back(() if is_lost else self.ledger_copy)
        self.ledger_went_back_at = self.timeline.now

    def jump_clock(self, seconds: float) -> None:
        """Set our machines' clock to another time; easybill's stays right."""
        self.faults += 1
        self.tables.paths.add(CLOCK_JUMPED)
        self.clock_error_seconds += seconds
        for process in self.processes:
            process.clock_error_seconds += seconds
