"""What befalls a process of ours where it touches the world outside: drawn, kept, or told."""

import random
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from tests.simulation.faults import Fault, LateEffects, draw_fault, is_late, seconds_late
from tests.simulation.mishaps import NO_MISHAPS, Mishaps

LedgerFault = Literal["", "before", "after"]
# What a touch takes where a kept story does not say it.
USUAL_SECONDS = (0.1, 0.1)
USUAL_LEDGER_SECONDS = 0.01
TIMES = "takes"
DIES_BEFORE, DIES_AFTER, PAUSES = "dies before it", "dies after it", "is paused before it"
PAUSES_BEFORE_SENDING = "is paused between the last check and the send"
LEDGER_FAILS: dict[LedgerFault, str] = {
    "before": "fails before it is written",
    "after": "fails after it is written",
}
_STEP, _TURN, _WIRE, _LEDGER = "step", "turn", "wire", "ledger"
_SORTS = {
    **dict.fromkeys((DIES_BEFORE, DIES_AFTER, PAUSES), _STEP),
    PAUSES_BEFORE_SENDING: _TURN,
    **dict.fromkeys(map(str, Fault), _WIRE),
    **dict.fromkeys(LEDGER_FAILS.values(), _LEDGER),
}
_NUMBER_IN_PATH = re.compile(r"/\d+")


@dataclass(frozen=True, slots=True)
class Befalls:
    """One trouble (or only how long it took), at the n-th time that a run comes to a place."""

    run: str
    at: str
    nth: int
    what: str
    seconds: tuple[float, ...] = ()

    def __str__(self) -> str:
        times = "" if self.nth == 1 else f" (time {self.nth})"
        took = f", {', '.join(f'{s:.3g}' for s in self.seconds)} s" if self.seconds else ""
        return f"{self.run}, {self.at}{times}: {self.what}{took}"


@dataclass(frozen=True, slots=True)
class AtStep:
    """Whether the process is paused before a step, and whether it dies there."""

    pause_s: float = 0.0
    dies: Literal["", "before", "after"] = ""


@dataclass(frozen=True, slots=True)
class OnTheWire:
    """What happens to a request; one that comes late does so after `late_s`."""

    fault: Fault | None
    out_s: float
    back_s: float
    late_s: float = 0.0


@dataclass(frozen=True, slots=True)
class InLedger:
    """How long a transaction takes, and whether the ledger fails before or after it."""

    seconds: float
    fails: LedgerFault = ""


UNTROUBLED = AtStep()


class Luck(Protocol):
    """What befalls one process; `at` says in words where it is."""

    def at_step(self, at: str) -> AtStep:
        """What befalls at any step outside."""
        ...

    def before_sending(self, at: str) -> float:
        """How long the process is paused between its last check and the send."""
        ...

    def on_the_wire(self, at: str, method: str) -> OnTheWire:
        """What happens to the next request."""
        ...

    def in_ledger(self, at: str) -> InLedger:
        """What happens to the next transaction."""
        ...


@dataclass(slots=True)
class DrawnLuck:
    """Drawn from the seed, at the rates that the story gives the process."""

    rng: random.Random
    late_effects: LateEffects
    mishaps: Mishaps = NO_MISHAPS
    usual_faults: tuple[Fault, ...] = ()
    fault_rate: float = 0.0
    ledger_fault_rate: float = 0.0
    _steps: int = 0
    _requests: int = 0

    def at_step(self, at: str) -> AtStep:
        self._steps += 1
        mishaps = self.mishaps
        pauses, dies = self._steps == mishaps.pauses_at, self._steps == mishaps.dies_at
        if not pauses and not dies:
            return UNTROUBLED
        when: Literal["before", "after"] = "after" if mishaps.dies_after_effect else "before"
        return AtStep(mishaps.pause_seconds if pauses else 0.0, when if dies else "")

    def before_sending(self, at: str) -> float:
        self._requests += 1
        is_now = self._requests == self.mishaps.pauses_before_sending
        return self.mishaps.pause_seconds if is_now else 0.0

    def on_the_wire(self, at: str, method: str) -> OnTheWire:
        fault = draw_fault(
            self.rng, method, at, self.fault_rate, self.late_effects, self.usual_faults
        )
        out, back = self._seconds_out(), self._seconds_out()
        return OnTheWire(fault, out, back, seconds_late(self.rng, fault))

    def in_ledger(self, at: str) -> InLedger:
        seconds = self.rng.uniform(0, 0.02)
        if not self.ledger_fault_rate or self.rng.random() >= self.ledger_fault_rate:
            return InLedger(seconds)
        return InLedger(seconds, "after" if self.rng.random() < 0.5 else "before")

    def _seconds_out(self) -> float:
        """How long a request is on its way."""
        rng = self.rng
        return rng.uniform(0.5, 8.0) if rng.random() < 0.04 else rng.uniform(0, 0.3)


class _Places:
    """How often a run came to each place."""

    def __init__(self) -> None:
        self._times: Counter[tuple[str, str]] = Counter()

    def come_to(self, sort: str, at: str) -> tuple[str, str, int]:
        place = (sort, _NUMBER_IN_PATH.sub("/…", at))
        self._times[place] += 1
        return (*place, self._times[place])


class KeptLuck:
    """Keeps what befell, so that it can be told again without the seed."""

    def __init__(self, luck: Luck, run: str, befell: list[Befalls]) -> None:
        self._luck, self._run, self._befell = luck, run, befell
        self._places = _Places()

    def at_step(self, at: str) -> AtStep:
        place, found = self._places.come_to(_STEP, at), self._luck.at_step(at)
        if found.pause_s:
            self._keep(place, PAUSES, found.pause_s)
        if found.dies:
            self._keep(place, DIES_AFTER if found.dies == "after" else DIES_BEFORE)
        return found

    def before_sending(self, at: str) -> float:
        place, seconds = self._places.come_to(_TURN, at), self._luck.before_sending(at)
        if seconds:
            self._keep(place, PAUSES_BEFORE_SENDING, seconds)
        return seconds

    def on_the_wire(self, at: str, method: str) -> OnTheWire:
        place, found = self._places.come_to(_WIRE, at), self._luck.on_the_wire(at, method)
        self._keep(place, TIMES, found.out_s, found.back_s)
        if found.fault is not None:
            self._keep(place, str(found.fault), *([found.late_s] if found.late_s else []))
        return found

    def in_ledger(self, at: str) -> InLedger:
        place, found = self._places.come_to(_LEDGER, at), self._luck.in_ledger(at)
        self._keep(place, TIMES, found.seconds)
        if found.fails:
            self._keep(place, LEDGER_FAILS[found.fails])
        return found

    def _keep(self, place: tuple[str, str, int], what: str, *seconds: float) -> None:
        _, at, nth = place
        self._befell.append(Befalls(self._run, at, nth, what, seconds))


@dataclass(slots=True)
class ToldLuck:
    """What a kept story says of one run; what it does not say goes well."""

    told: dict[tuple[str, str, int], list[Befalls]] = field(default_factory=dict)
    _places: _Places = field(default_factory=_Places)

    @classmethod
    def of(cls, run: str, befalls: Iterable[Befalls]) -> "ToldLuck":
        luck = cls()
        for one in befalls:
            if one.run == run:
                luck.told.setdefault((_sort_of(one), one.at, one.nth), []).append(one)
        return luck

    def at_step(self, at: str) -> AtStep:
        found = self._found(_STEP, at)
        pause = found.get(PAUSES, (0.0,))[0]
        dies: Literal["", "before", "after"] = "before" if DIES_BEFORE in found else ""
        return AtStep(pause, "after" if DIES_AFTER in found else dies)

    def before_sending(self, at: str) -> float:
        return self._found(_TURN, at).get(PAUSES_BEFORE_SENDING, (0.0,))[0]

    def on_the_wire(self, at: str, method: str) -> OnTheWire:
        found = self._found(_WIRE, at)
        out, back = found.get(TIMES, USUAL_SECONDS)
        fault = next((fault for fault in Fault if str(fault) in found), None)
        late = found[str(fault)][0] if fault is not None and is_late(fault) else 0.0
        return OnTheWire(fault, out, back, late)

    def in_ledger(self, at: str) -> InLedger:
        found = self._found(_LEDGER, at)
        seconds = found.get(TIMES, (USUAL_LEDGER_SECONDS,))[0]
        fails: LedgerFault = next(
            (fails for fails, what in LEDGER_FAILS.items() if what in found), ""
        )
        return InLedger(seconds, fails)

    def _found(self, sort: str, at: str) -> dict[str, tuple[float, ...]]:
        there = self.told.get(self._places.come_to(sort, at), ())
        return {one.what: one.seconds for one in there}


def _sort_of(one: Befalls) -> str:
    if one.what != TIMES:
        return _SORTS[one.what]
    return _WIRE if len(one.seconds) > 1 else _LEDGER
