"""Play a story to its end: everything that happens in it, then quiet runs until nothing changes."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path

from tasks.billing.invoice import Customer
from tests.simulation.cast import AS_IN_PRODUCTION, Cast
from tests.simulation.easybill import Refused
from tests.simulation.month_run import Outcome, SimRun
from tests.simulation.stage import Stage
from tests.simulation.steps import (
    AccountantActs,
    ClockJumps,
    RunStarts,
    ServiceVanishes,
    ServiceWritten,
    Step,
)
from tests.simulation.story import Story

QUIET_ROUNDS = 8


@dataclass(slots=True)
class Played:
    """A story that is over: the stage as it was left, and the last quiet run of each month."""

    stage: Stage
    outcomes: list[Outcome]
    last: dict[str, Outcome]
    came_to_rest: bool

    @property
    def faults(self) -> int:
        """How much went wrong on purpose: on the wire, in the ledger, with processes and clocks."""
        return self.stage.faults + sum(a.fault is not None for a in self.stage.wire.attempts)


@cache
def disk() -> Path:
    """The folder of this process's stories, in memory where the system offers that."""
    memory = Path("/dev/shm")
    folder = tempfile.mkdtemp(prefix="simulation-", dir=memory if memory.is_dir() else None)
    # Unlike atexit, this also runs in the workers of a pool.
    Finalize(None, shutil.rmtree, (folder,), {"ignore_errors": True}, exitpriority=1)
    return Path(folder)


def play(story: Story, *, cast: Cast = AS_IN_PRODUCTION, told: list[str] | None = None) -> Played:
    """Everything happens; then each month is run quietly until a round changes nothing."""
    stage = Stage(story, disk(), cast)
    _clear(stage)
    stage.told = told
    outcomes: list[Outcome] = []
    for number in story.customers:
        stage.oms.customers[number] = Customer(number, company_name=f"{number} GmbH", country="DE")
        stage.easybill.create_customer({"number": number, "company_name": f"{number} GmbH"})
    for step in story.steps:
        stage.timeline.call_at(step.at, _happening(stage, step, outcomes))
    stage.timeline.run()
    last: dict[str, Outcome] = {}
    for n in range(1, QUIET_ROUNDS + 1):
        before = _state_of(stage)
        for month in story.months:
            quiet = RunStarts(at=0, name=f"quiet run {n}", month=str(month))
            last[str(month)] = _start(stage, quiet)
            stage.timeline.run()
        if _state_of(stage) == before:
            return Played(stage, outcomes, last, came_to_rest=True)
    return Played(stage, outcomes, last, came_to_rest=False)


def _clear(stage: Stage) -> None:
    for month in stage.story.months:
        folder = stage.folder / str(month)
        folder.mkdir(exist_ok=True)
        for file in folder.iterdir():
            file.unlink()


def _happening(stage: Stage, step: Step, outcomes: list[Outcome]) -> Callable[[], None]:
    def happen() -> None:
        stage.tell("-", str(step))
        if isinstance(step, RunStarts):
            outcomes.append(_start(stage, step))
        elif isinstance(step, ServiceWritten):
            stage.oms.services[step.service.service_id] = step.service
            stage.oms.broken.discard(step.service.service_id)
            if step.is_broken:
                stage.oms.broken.add(step.service.service_id)
        elif isinstance(step, ServiceVanishes):
            stage.oms.services.pop(step.service_id, None)
        elif isinstance(step, ClockJumps):
            stage.jump_clock(step.seconds)
        else:
            _act(stage, step)

    return happen


def _start(stage: Stage, step: RunStarts) -> Outcome:
    outcome = Outcome(step.name, step.month)
    process = stage.process(step)
    process.spawn(SimRun(stage, step, process, outcome).live)
    return outcome


def _act(stage: Stage, step: AccountantActs) -> None:
    documents = list(stage.easybill.documents.values())
    if not documents:
        return
    document = documents[step.nth % len(documents)]
    stage.tell("accountant", f"{step.act} document {document.id} ({document.external_id})")
    try:
        stage.easybill.act(document.id, step.act)
    except Refused:
        # It is an invoice already: nothing more is done to it.
        return


def _state_of(stage: Stage) -> object:
    writes = sum(attempt.method != "GET" for attempt in stage.wire.attempts)
    rows = {
        key: (
            *(export.state, export.document_id, export.attachment_id),
            *(export.content_sha256, export.update_planned),
        )
        for key, export in stage.tables.exports.items()
    }
    folders = [stage.folder / str(month) for month in stage.story.months]
    files = {file: file.read_bytes() for folder in folders for file in folder.iterdir()}
    return writes, rows, dict(stage.tables.claims), files
