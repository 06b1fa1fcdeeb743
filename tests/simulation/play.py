"""Play a story to its end: everything that happens in it, then quiet runs until nothing changes."""

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path

from tasks.billing.invoice import Customer
from tests.simulation.cast import AS_IN_PRODUCTION, Cast
from tests.simulation.easybill import Refused
from tests.simulation.luck import Befalls
from tests.simulation.month_run import Outcome, SimRun
from tests.simulation.paths import ACCOUNTANT, BEFELL, OMS
from tests.simulation.stage import Stage
from tests.simulation.steps import (
    AccountantActs,
    AnswersForGood,
    ClockJumps,
    LedgerCopied,
    LedgerPutBack,
    ListsChange,
    OthersWrite,
    RoundsOtherwise,
    RunStarts,
    ServiceVanishes,
    ServiceWritten,
    Step,
)
from tests.simulation.story import Story
from tests.simulation.troubles import Trouble

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


def play(
    story: Story,
    *,
    cast: Cast = AS_IN_PRODUCTION,
    told: list[str] | None = None,
    befell: list[Befalls] | None = None,
) -> Played:
    """Everything happens; then each month is run quietly until a round changes nothing.

    `told` gets the story line by line, `befell` every trouble of its runs.
    """
    stage = Stage(story, disk(), cast)
    _clear(stage)
    stage.told, stage.befell = told, befell
    outcomes: list[Outcome] = []
    for number in story.customers:
        stage.oms.customers[number] = Customer(number, company_name=f"{number} GmbH", country="DE")
        if Trouble.NEW_CUSTOMERS not in story.troubles:
            stage.easybill.create_customer({"number": number, "company_name": f"{number} GmbH"})
    for step in story.steps:
        stage.timeline.call_at(step.at, _happening(stage, step, outcomes))
    stage.timeline.run()
    last: dict[str, Outcome] = {}
    for n in range(1, QUIET_ROUNDS + 1):
        before = _state_of(stage)
        for month in story.months:
            quiet = RunStarts(at=0, name=f"quiet run {n} of {month}", month=str(month))
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
        match step:
            case RunStarts():
                outcomes.append(_start(stage, step))
            case ServiceWritten():
                _write(stage, step)
            case ServiceVanishes():
                if stage.oms.services.pop(step.service_id, None) is not None:
                    stage.tables.paths.add(f"{OMS}a service vanishes")
            case ClockJumps():
                stage.jump_clock(step.seconds)
            case AccountantActs():
                _act(stage, step)
            case _:
                _befall(stage, step)

    return happen


def _befall(stage: Stage, step: Step) -> None:
    """What befalls the account or the ledger."""
    stage.tables.paths.add(f"{BEFELL}{type(step).__name__}")
    easybill = stage.easybill
    match step:
        case AnswersForGood():
            customers = stage.story.customers
            whose = customers[step.nth % len(customers)]
            easybill.for_good.append((step.call, whose, step.status))
        case OthersWrite():
            easybill.write_other(step.external_id, is_odd=step.is_odd)
        case ListsChange():
            easybill.lists_change = step.times
        case RoundsOtherwise():
            easybill.rounds_otherwise = True
        case LedgerCopied():
            stage.ledger_copy = stage.tables.copied()
        case LedgerPutBack():
            stage.put_ledger_back(is_lost=step.is_lost)


def _write(stage: Stage, step: ServiceWritten) -> None:
    service_id, oms, paths = step.service.service_id, stage.oms, stage.tables.paths
    if service_id in oms.services:
        paths.add(f"{OMS}a service changes")
    oms.services[service_id] = step.service
    oms.broken.discard(service_id)
    if step.is_broken:
        paths.add(f"{OMS}bad row")
        oms.broken.add(service_id)


def _start(stage: Stage, step: RunStarts) -> Outcome:
    outcome = Outcome(step.name, step.month)
    process = stage.process(step)
    process.spawn(SimRun(stage, step, process, outcome).live)
    return outcome


def _act(stage: Stage, step: AccountantActs) -> None:
    if step.act == "deletes a waiting file":
        with suppress(Refused):
            stage.easybill.act(step.nth, step.act)
            stage.tables.paths.add(f"{ACCOUNTANT}{step.act}")
        return
    documents = list(stage.easybill.documents.values())
    if step.act == "cancels":
        documents = [d for d in documents if not d.is_draft and d.cancel_id is None]
    if not documents:
        return
    document = documents[step.nth % len(documents)]
    stage.tell("accountant", f"{step.act} document {document.id} ({document.external_id})")
    try:
        stage.easybill.act(document.id, step.act)
        stage.tables.paths.add(f"{ACCOUNTANT}{step.act}")
    except Refused:
        # It is an invoice already: nothing more is done to it.
        return


def _state_of(stage: Stage) -> object:
    # What is refused for good is tried again by each run.
    is_tried_again = bool(stage.easybill.for_good)
    writes = 0 if is_tried_again else sum(a.method != "GET" for a in stage.wire.attempts)
    rows = {
        key: (
            export.document_id,
            *(() if is_tried_again else (export.state, export.attachment_id)),
            *(export.content_sha256, export.update_planned),
        )
        for key, export in stage.tables.exports.items()
    }
    folders = [stage.folder / str(month) for month in stage.story.months]
    files = {file: file.read_bytes() for folder in folders for file in folder.iterdir()}
    return writes, rows, dict(stage.tables.claims), files
