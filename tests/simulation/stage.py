"""The stage of one story: all that its processes share, and what befell them."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from blocks.ledger.errors import LedgerUnavailable
from tests.simulation.cast import AS_IN_PRODUCTION, Cast
from tests.simulation.client import SimEasybillClient
from tests.simulation.easybill import SimEasybill
from tests.simulation.ledger import SimLedger
from tests.simulation.ledger_tables import LedgerTables
from tests.simulation.oms import SimOms
from tests.simulation.process import Process
from tests.simulation.steps import RunStarts
from tests.simulation.story import Story
from tests.simulation.timeline import Timeline
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
    clock_error_seconds: float = 0.0
    faults: int = 0
    ledger_failed: set[str] = field(default_factory=set)
    told: list[str] | None = None

    def __post_init__(self) -> None:
        self.rng = random.Random(self.story.seed)
        self.oms, self.tables = self.cast.oms(), self.cast.tables()
        self.easybill = SimEasybill(lambda: self.timeline.now)
        self.wire = Wire(
            self.timeline,
            self.easybill,
            self.rng,
            self.tell,
            late_effects_left=self.story.late_effects,
        )

    def tell(self, who: str, text: str) -> None:
        """Keep a line of the story, where somebody wants to read it."""
        if self.told is not None:
            self.told.append(f"{self.timeline.now:12.3f} {who}: {text}")

    def process(self, step: RunStarts) -> Process:
        """A process of ours, with a clock as wrong as the machine's is now."""
        process = Process(self.timeline, step.name, step.mishaps, self.clock_error_seconds)
        self.processes.append(process)
        return process

    def client(self, process: Process, step: RunStarts) -> SimEasybillClient:
        """easybill as the process reaches it."""
        return SimEasybillClient(self.wire, process, step.fault_rate)

    def ledger(self, process: Process, step: RunStarts) -> SimLedger:
        """The ledger as the process reaches it: every call takes time, and may fail."""

        def around(label: str, act: Callable[[], Answer]) -> Answer:
            seconds = self.rng.uniform(0, 0.02)
            if not step.ledger_fault_rate or self.rng.random() >= step.ledger_fault_rate:
                answer = process.step(seconds, act)
                self.tell(process.name, label)
                return answer
            self.faults += 1
            self.ledger_failed.add(process.name)
            if self.rng.random() < 0.5:
                process.step(seconds, act)
            self.tell(process.name, f"{label}: the ledger does not answer")
            raise LedgerUnavailable("The ledger does not answer.")

        return self.cast.ledger(self.tables, process.now, around, writer=process.name)

    def jump_clock(self, seconds: float) -> None:
        """Set our machines' clock to another time; easybill's stays right."""
        self.faults += 1
        self.clock_error_seconds += seconds
        for process in self.processes:
            process.clock_error_seconds += seconds
