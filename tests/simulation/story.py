"""Stories: what happens to a month, drawn from a seed and nothing else."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import get_args

from tasks.billing.line_item import Service
from tasks.billing.month import BillingMonth
from tests.simulation.process import Mishaps
from tests.simulation.steps import (
    AccountantAct,
    AccountantActs,
    ClockJumps,
    RunStarts,
    ServiceVanishes,
    ServiceWritten,
    Step,
)

MONTHS = (BillingMonth(2026, 10), BillingMonth(2026, 11))
HOUR, DAY = 3600.0, 86400.0
_PRICES = ("0.01", "0.125", "19.9999", "68.33", "100", "0", "1234.5", "0.005")
_QUANTITIES = ("1", "2", "0.5", "3.3333", "12")
_VATS = ("19", "7", "0")


class Kind(StrEnum):
    """Two kinds may double a draft, because no lease can guard against what they tell of."""

    USUAL = "usual"
    PAUSED_BEFORE_SENDING = "a process is paused between its last check and the send"
    LATE_EFFECT = "a request takes effect after the look-up that followed it"


@dataclass(frozen=True, slots=True)
class Story:
    """What happens, in order of time."""

    seed: int
    kind: Kind
    customers: tuple[str, ...]
    months: tuple[BillingMonth, ...]
    steps: tuple[Step, ...]
    late_effects: int


def tell(seed: int) -> Story:
    """The story of a seed."""
    return _Teller(seed).story()


class _Teller:
    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._rng = random.Random(seed)
        self._kind = self._rng.choices(list(Kind), [92, 4, 4])[0]
        self._customers = tuple(f"K{n}" for n in range(1, self._rng.choice([2, 2, 3, 4, 5])))
        self._months = MONTHS if self._rng.random() < 0.35 else MONTHS[1:]
        self._services: dict[str, Service] = {}
        self._steps: list[Step] = []

    def story(self) -> Story:
        for _ in range(self._rng.randint(1, 3) * len(self._customers)):
            self._write_service(0.0)
        at = 1.0
        for wave in range(1, self._rng.choice([3, 4, 4, 5])):
            self._wave(wave, at)
            pause = self._rng.choice(
                [self._rng.uniform(5, 300), HOUR, self._rng.uniform(1, 4) * DAY]
            )
            self._between(at, at + pause)
            at += pause
        steps = sorted(self._steps, key=lambda step: step.at)
        late = self._rng.randint(1, 3) if self._kind is Kind.LATE_EFFECT else 0
        return Story(
            self._seed, self._kind, self._customers, self._months, tuple(steps), late_effects=late
        )

    def _wave(self, wave: int, at: float) -> None:
        """One to four processes, so close to each other that they meet."""
        many = self._rng.choices([1, 2, 3, 4], [50, 25, 15, 10])[0]
        closeness = self._rng.choice([0.05, 1, 30, 90])
        for n in range(many):
            if n and len(self._months) > 1 and self._rng.random() < 0.3:
                self._move_service(at + self._rng.uniform(0, closeness + 2))
            self._steps.append(
                RunStarts(
                    at=at + self._rng.uniform(0, closeness),
                    name=f"run {wave}{'abcd'[n]}",
                    month=str(self._rng.choice(self._months)),
                    customers=self._some_customers(),
                    withdraws=wave > 1 and self._rng.random() < 0.08,
                    bill_late=self._rng.random() < 0.3,
                    recreate_deleted=self._rng.random() < 0.15,
                    fault_rate=self._rng.choice([0.1, 0.25, 0.4, 0.5]),
                    ledger_fault_rate=self._rng.choice([0, 0, 0, 0.02]),
                    mishaps=self._mishaps(),
                )
            )

    def _some_customers(self) -> frozenset[str] | None:
        if self._rng.random() < 0.75:
            return None
        return frozenset(self._rng.choices(self._customers, k=2))

    def _mishaps(self) -> Mishaps:
        rng = self._rng
        # Often a little longer than a lease: who wakes then meets the run that took over.
        pause = rng.choice([rng.uniform(1, 55), *[rng.uniform(58, 75)] * 2, rng.uniform(100, 2000)])
        before_sending = self._kind is Kind.PAUSED_BEFORE_SENDING and rng.random() < 0.6
        return Mishaps(
            dies_at=rng.randint(1, 70) if rng.random() < 0.4 else 0,
            dies_after_effect=rng.random() < 0.5,
            pauses_at=rng.randint(1, 60) if rng.random() < 0.3 else 0,
            pause_seconds=pause,
            pauses_before_sending=rng.randint(2, 12) if before_sending else 0,
        )

    def _between(self, begin: float, end: float) -> None:
        """What others do meanwhile."""
        rng = self._rng
        for _ in range(rng.choice([0, 0, 1, 2, 3])):
            at = rng.uniform(begin, end) if rng.random() < 0.7 else rng.uniform(begin, begin + 5)
            what = rng.random()
            if what < 0.3:
                self._write_service(at)
            elif what < 0.4:
                self._change_service(at)
            elif what < 0.45:
                self._move_service(at)
            elif what < 0.55:
                self._steps.append(ServiceVanishes(at, rng.choice(sorted(self._services))))
            elif what < 0.9:
                act: AccountantAct = rng.choice(get_args(AccountantAct))
                self._steps.append(AccountantActs(at, act, rng.randint(0, 9)))
            else:
                seconds = rng.choice([1.5, 60, HOUR, 2.5 * DAY]) * rng.choice([-1, 1])
                self._steps.append(ClockJumps(at, seconds))

    def _write_service(self, at: float) -> None:
        rng = self._rng
        is_cancelled = rng.random() < 0.2
        has_fee = rng.random() < (0.6 if is_cancelled else 0.1)
        service = Service(
            service_id=f"S{len(self._services) + 1}",
            customer_number=rng.choice(self._customers),
            rendered_at=self._moment(rng.choice(self._months)),
            service_code=f"S{len(self._services) + 1}",
            name="Beratung",
            description=None,
            quantity=Decimal(rng.choice(_QUANTITIES)),
            unit="h",
            unit_price_net=Decimal(rng.choice(_PRICES)),
            vat_percent=Decimal(rng.choice(_VATS)),
            status="cancelled" if is_cancelled else "rendered",
            cancellation_fee_net=Decimal(rng.choice(_PRICES)) if has_fee else None,
            cancellation_fee_vat_percent=Decimal(rng.choice(_VATS)) if has_fee else None,
        )
        self._services[service.service_id] = service
        self._steps.append(ServiceWritten(at, service, is_broken=rng.random() < 0.02))

    def _change_service(self, at: float) -> None:
        rng = self._rng
        service = self._services[rng.choice(sorted(self._services))]
        changed = rng.choice(
            [
                replace(service, unit_price_net=Decimal(rng.choice(_PRICES))),
                replace(service, name="Beratung vor Ort"),
                replace(service, status="cancelled", cancellation_fee_net=None),
            ]
        )
        self._services[service.service_id] = changed
        self._steps.append(ServiceWritten(at, changed))

    def _move_service(self, at: float) -> None:
        """Another moment, which may be one of another month."""
        service = self._services[self._rng.choice(sorted(self._services))]
        moved = replace(service, rendered_at=self._moment(self._rng.choice(self._months)))
        self._services[service.service_id] = moved
        self._steps.append(ServiceWritten(at, moved))

    def _moment(self, month: BillingMonth) -> datetime:
        """Some moment of the month; often its first, or its last."""
        rng = self._rng
        if rng.random() < 0.1:
            return month.starts_at
        if rng.random() < 0.1:
            return month.ends_at - timedelta(microseconds=1)
        return month.starts_at + timedelta(seconds=rng.randint(0, 27 * 86400))
