"""Play a combination: the real delivery, with the story's easybill and ledger, and no chance."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from tasks.billing.invoice import Customer
from tasks.billing.line_item import Service
from tasks.run.gate import LATE_EFFECT_S
from tests.simulation.cast import AS_IN_PRODUCTION, Cast
from tests.simulation.easybill import Refused, SimEasybill
from tests.simulation.faults import Fault
from tests.simulation.invariants import broken
from tests.simulation.luck import (
    UNTROUBLED,
    USUAL_LEDGER_SECONDS,
    AtStep,
    InLedger,
    Luck,
    OnTheWire,
)
from tests.simulation.month_run import Outcome, SimRun
from tests.simulation.play import Played, disk
from tests.simulation.stage import Stage
from tests.simulation.steps import RunStarts
from tests.simulation.story import MONTHS, Kind, Story
from tests.small_scope.combinations import Change, Combination, Ending, Point, Request

_, MONTH = MONTHS
CUSTOMER = "K1"
STORY = Story(0, Kind.USUAL, (CUSTOMER,), (MONTH,), (), late_effects=0)
# So long that no two writes of ours share a second.
SECONDS_OUT = 0.6
# The last moment at which a lost request may take effect.
LATE_S = LATE_EFFECT_S - 0.5
_REQUEST = re.compile(r"(GET|POST|PUT|DELETE) /")
_FIRST, _SECOND, _THIRD = "run 1", "run 2", "run 3"


@dataclass(slots=True)
class ScopeLuck:
    """What the combination says of one run; it counts the run's requests."""

    run: str
    combination: Combination
    easybill: SimEasybill
    requests: list[Request]
    _number: int = 0

    def at_step(self, at: str) -> AtStep:
        if not _REQUEST.match(at):
            return UNTROUBLED
        self._number += 1
        method, path = at.split(" ")
        documents = self.easybill.documents
        self.requests.append(Request(self.run, self._number, method, path, bool(documents)))
        act, crash = self.combination.act, self.combination.crash
        if act is not None and act[0] == self._point and documents:
            # An invoice stays as it is.
            with suppress(Refused):
                self.easybill.act(max(documents), act[1])
        return AtStep(dies=crash[1]) if crash and crash[0] == self._point else UNTROUBLED

    def before_sending(self, at: str) -> float:
        return 0.0

    def on_the_wire(self, at: str, method: str) -> OnTheWire:
        answer = self.combination.answer
        fault = answer[1] if answer is not None and answer[0] == self._point else None
        late_s = LATE_S if fault is Fault.SLOW else 0.0
        return OnTheWire(fault, SECONDS_OUT, SECONDS_OUT, late_s)

    def in_ledger(self, at: str) -> InLedger:
        return InLedger(USUAL_LEDGER_SECONDS)

    @property
    def _point(self) -> Point:
        return Point(self.run, self._number)


@dataclass(slots=True)
class ScopeStage(Stage):
    """The stage of a combination: nothing on it is drawn."""

    combination: Combination = field(default_factory=Combination)
    requests: list[Request] = field(default_factory=list)

    def _luck_of(self, step: RunStarts) -> Luck:
        return ScopeLuck(step.name, self.combination, self.easybill, self.requests)


def play(combination: Combination, cast: Cast = AS_IN_PRODUCTION) -> Ending:
    """Two runs, the second at once after the first, and a third that has to end well."""
    stage = ScopeStage(STORY, disk(), cast, combination=combination)
    _clear(stage.folder / str(MONTH))
    _open(stage, combination.change)
    first, second, third = (Outcome(name, str(MONTH)) for name in (_FIRST, _SECOND, _THIRD))

    def second_run() -> None:
        _change(stage, combination.change)
        _start(stage, second)

    try:
        _start(stage, first, then=second_run)
        stage.timeline.run()
        requests = tuple(stage.requests)
        _start(stage, third)
        stage.timeline.run()
        played = Played(stage, [first, second], {str(MONTH): third}, came_to_rest=True)
        complaints = tuple(broken(played))
    except Exception as error:
        requests = tuple(stage.requests)
        complaints = (f"{type(error).__name__}: {error}",)
    return Ending(combination, requests, complaints)


def _start(stage: Stage, outcome: Outcome, then: Callable[[], None] | None = None) -> None:
    step = RunStarts(at=0, name=outcome.name, month=outcome.month)
    process = stage.process(step)

    def live() -> None:
        try:
            SimRun(stage, step, process, outcome).live()
        finally:
            if then is not None:
                then()

    process.spawn(live)


def _open(stage: Stage, change: Change) -> None:
    stage.oms.customers[CUSTOMER] = Customer(CUSTOMER, company_name="Weiß GmbH", country="DE")
    stage.easybill.create_customer({"number": CUSTOMER, "company_name": "Weiß GmbH"})
    for name in ("S1",) if change is Change.LATE else ("S1", "S2"):
        stage.oms.services[name] = _service(name)


def _change(stage: Stage, change: Change) -> None:
    services = stage.oms.services
    match change:
        case Change.LATE:
            services["S2"] = _service("S2")
        case Change.GONE:
            del services["S1"]
        case Change.PRICE:
            services["S1"] = replace(services["S1"], unit_price_net=Decimal("68.33"))


def _service(name: str) -> Service:
    """Two services that differ in nothing but their id: their sums tell nothing."""
    return Service(
        service_id=name,
        customer_number=CUSTOMER,
        order_number=None,
        rendered_at=MONTH.starts_at + timedelta(days=4),
        service_code=name,
        name="Beratung",
        description=None,
        quantity=Decimal(1),
        unit="h",
        unit_price_net=Decimal(100),
        vat_percent=Decimal(19),
        status="rendered",
        cancellation_fee_net=None,
        cancellation_fee_vat_percent=None,
    )


def _clear(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
