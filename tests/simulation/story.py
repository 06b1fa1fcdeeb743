"""Stories: what happens to a month, drawn from a seed and nothing else."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from tasks.billing.line_item import Service
from tasks.billing.month import BillingMonth
from tests.simulation.luck import Befalls
from tests.simulation.mishaps import Mishaps
from tests.simulation.steps import (
    AccountantAct,
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
from tests.simulation.troubles import Switch, Trouble, switched_on

MONTHS = (BillingMonth(2026, 10), BillingMonth(2026, 11))
HOUR, DAY = 3600.0, 86400.0
_PRICES = ("0.01", "0.125", "19.9999", "68.33", "100", "0", "1234.5", "0.005")
_QUANTITIES = ("1", "2", "0.5", "3.3333", "12")
_VATS = ("19", "7", "0")

# What others do between the runs: how often, and the kind of trouble that it is.
_BETWEEN: dict[str, tuple[int, Trouble]] = {
    "changes": (10, Trouble.CHANGES),
    "moves": (8, Trouble.MOVES),
    "vanishes": (10, Trouble.VANISHES),
    "clock": (8, Trouble.CLOCK_JUMPS),
    "edits": (18, Trouble.EDITS),
    "finalises": (10, Trouble.FINALISES),
    "deletes": (10, Trouble.DELETES),
    "files": (6, Trouble.FILES_GO),
}
_ACTS: dict[str, tuple[AccountantAct, ...]] = {
    "edits": ("retitles", "reprices"),
    "finalises": ("finalises",),
    "deletes": ("deletes",),
    "files": ("deletes a waiting file",),
}
_FOR_GOOD = {Trouble.REFUSED_FOR_GOOD: (403, 404), Trouble.FAILS_FOR_GOOD: (409, 500)}
_REFUSABLE = (
    *("POST /documents", "PUT /documents", "DELETE /documents"),
    *("POST /attachments", "PUT /attachments", "DELETE /attachments"),
)


class Kind(StrEnum):
    """Two kinds may double a draft, because no lease can guard against what they tell of."""

    USUAL = "usual"
    PAUSED_BEFORE_SENDING = "a process is paused between its last check and the send"
    LATE_EFFECT = "a request takes effect after the look-up that followed it"


@dataclass(frozen=True, slots=True)
class Story:
    """What happens, in order of time.

    `befalls`: the troubles of the runs, for a story that is kept as it was told; else they are
    drawn from the seed.
    """

    seed: int
    kind: Kind
    customers: tuple[str, ...]
    months: tuple[BillingMonth, ...]
    steps: tuple[Step, ...]
    late_effects: int
    befalls: tuple[Befalls, ...] | None = None
    troubles: frozenset[Switch] = frozenset()


def tell(seed: int) -> Story:
    """The story of a seed."""
    return _Teller(seed).story()


class _Teller:
    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._on = switched_on(seed)
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
        self._befall_the_account(at)
        self._look_at_drafts(at)
        self._cancel_invoices(at)
        steps = sorted(self._steps, key=lambda step: step.at)
        late = self._rng.randint(1, 3) if self._kind is Kind.LATE_EFFECT else 0
        return Story(
            self._seed,
            self._kind,
            self._customers,
            self._months,
            tuple(steps),
            late_effects=late,
            troubles=self._on,
        )

    def _look_at_drafts(self, end: float) -> None:
        """Somebody looks what became of the drafts, whatever else goes on."""
        rng = random.Random(f"looks of {self._seed}")
        for n in range(rng.choice([0, 0, 1, 2])):
            at, name = rng.uniform(0, end), f"look {n + 1}"
            month = str(rng.choice(self._months))
            self._steps.append(RunStarts(at, name, month, looks_at_drafts=True))

    def _cancel_invoices(self, end: float) -> None:
        """The accountant cancels what was finalised; somebody asks for it once more, or not."""
        rng = random.Random(f"stornos of {self._seed}")
        if Trouble.CANCELS in self._on:
            for _ in range(rng.choice([1, 2, 3])):
                at, nth = rng.uniform(0, end), rng.randint(0, 9)
                self._steps += [
                    AccountantActs(at, "finalises", nth),
                    AccountantActs(rng.uniform(at, end), "cancels", nth),
                ]
        if Trouble.BILL_AGAIN in self._on:
            for n in range(rng.choice([1, 2, 3])):
                self._steps.append(self._again(rng, f"again {n + 1}", rng.uniform(0, end)))

    def _again(self, rng: random.Random, name: str, at: float) -> RunStarts:
        dies = Trouble.DEATHS in self._on and rng.random() < 0.3
        return RunStarts(
            at=at,
            name=name,
            month=str(rng.choice(self._months)),
            customers=frozenset(rng.choices(self._customers, k=2)),
            bill_again=True,
            fault_rate=rng.choice([0.0, 0.1, 0.25]),
            mishaps=Mishaps(
                dies_at=rng.randint(1, 40) if dies else 0, dies_after_effect=rng.random() < 0.5
            ),
        )

    def _befall_the_account(self, end: float) -> None:
        """What is rare: a call that never succeeds, documents of others, another ledger."""
        rng, steps = self._rng, self._steps
        for trouble, statuses in _FOR_GOOD.items():
            if self._has(trouble, 0.3):
                answer = (rng.choice(_REFUSABLE), rng.randint(0, 9), rng.choice(statuses))
                steps.append(AnswersForGood(rng.uniform(0, end), *answer))
        if self._has(Trouble.OTHERS, 0.5):
            external_ids = rng.choices([None, "shop:4711", "oms", "oms:", "oms:2026-11"], k=5)
            steps += [OthersWrite(rng.uniform(0, end), name) for name in external_ids]
            if Trouble.LISTS_CHANGE in self._on:
                steps.append(ListsChange(rng.uniform(0, end), rng.randint(1, 6)))
        if self._has(Trouble.ODD_DOCUMENTS, 0.5):
            steps.append(OthersWrite(rng.uniform(0, end), is_odd=True))
        if self._has(Trouble.CENT_OFF, 0.3):
            steps.append(RoundsOtherwise(rng.uniform(0, end)))
        self._befall_the_ledger(end)

    def _befall_the_ledger(self, end: float) -> None:
        rng, steps = self._rng, self._steps
        if self._has(Trouble.OLDER_LEDGER, 0.2):
            copied = rng.uniform(0, end)
            steps += [LedgerCopied(copied), LedgerPutBack(rng.uniform(copied, end))]
        if self._has(Trouble.LOST_LEDGER, 0.2):
            steps.append(LedgerPutBack(rng.uniform(0, end), is_lost=True))

    def _wave(self, wave: int, at: float) -> None:
        """One to four processes, so close to each other that they meet."""
        many = self._rng.choices([1, 2, 3, 4], [50, 25, 15, 10])[0]
        many = many if Trouble.SEVERAL_AT_ONCE in self._on else 1
        closeness = self._rng.choice([0.05, 1, 30, 90])
        for n in range(many):
            if n and len(self._months) > 1 and self._has(Trouble.MOVES, 0.3):
                self._move_service(at + self._rng.uniform(0, closeness + 2))
            self._steps.append(
                RunStarts(
                    at=at + self._rng.uniform(0, closeness),
                    name=f"run {wave}{'abcd'[n]}",
                    month=str(self._rng.choice(self._months)),
                    customers=self._some_customers(),
                    withdraws=wave > 1 and self._has(Trouble.WITHDRAWALS, 0.2),
                    bill_late=self._has(Trouble.BILL_LATE, 0.4),
                    recreate_deleted=self._has(Trouble.RECREATE, 0.25),
                    fault_rate=self._rng.choice([0.1, 0.25, 0.4, 0.5]),
                    ledger_fault_rate=0.02 if self._has(Trouble.LEDGER_FAILS, 0.35) else 0.0,
                    mishaps=self._mishaps(),
                    stops_after=self._has(Trouble.STOPS, 0.3) * self._rng.uniform(0.3, 30),
                )
            )

    def _has(self, trouble: Trouble, rate: float) -> bool:
        """Whether this trouble comes now, at this rate where it is switched on."""
        return trouble in self._on and self._rng.random() < rate

    def _some_customers(self) -> frozenset[str] | None:
        if not self._has(Trouble.SOME_CUSTOMERS, 0.35):
            return None
        return frozenset(self._rng.choices(self._customers, k=2))

    def _mishaps(self) -> Mishaps:
        rng = self._rng
        # Often a little longer than a lease: who wakes then meets the run that took over.
        pause = rng.choice([rng.uniform(1, 55), *[rng.uniform(58, 75)] * 2, rng.uniform(100, 2000)])
        before_sending = self._kind is Kind.PAUSED_BEFORE_SENDING and rng.random() < 0.6
        return Mishaps(
            dies_at=rng.randint(1, 70) if self._has(Trouble.DEATHS, 0.5) else 0,
            dies_after_effect=rng.random() < 0.5,
            pauses_at=rng.randint(1, 60) if self._has(Trouble.PAUSES, 0.4) else 0,
            pause_seconds=pause,
            pauses_before_sending=rng.randint(2, 12) if before_sending else 0,
        )

    def _between(self, begin: float, end: float) -> None:
        """What others do meanwhile."""
        rng = self._rng
        possible = [happens for happens in _BETWEEN if _BETWEEN[happens][1] in self._on]
        weights = [_BETWEEN[happens][0] for happens in possible]
        for _ in range(rng.choice([0, 1, 2, 3, 4])):
            at = rng.uniform(begin, end) if rng.random() < 0.7 else rng.uniform(begin, begin + 5)
            if not possible or rng.random() < 0.3:
                self._write_service(at)
            else:
                self._happen(rng.choices(possible, weights)[0], at)

    def _happen(self, what: str, at: float) -> None:
        rng = self._rng
        match what:
            case "changes":
                self._change_service(at)
            case "moves":
                self._move_service(at)
            case "vanishes":
                self._steps.append(ServiceVanishes(at, rng.choice(sorted(self._services))))
            case "clock":
                seconds = rng.choice([1.5, 60, HOUR, 2.5 * DAY]) * rng.choice([-1, 1])
                self._steps.append(ClockJumps(at, seconds))
            case _:
                acts = _ACTS[what]
                self._steps.append(AccountantActs(at, rng.choice(acts), rng.randint(0, 9)))

    def _write_service(self, at: float) -> None:
        rng = self._rng
        is_cancelled = rng.random() < 0.2
        has_fee = rng.random() < (0.6 if is_cancelled else 0.1)
        service = Service(
            service_id=f"S{len(self._services) + 1}",
            customer_number=rng.choice(self._customers),
            order_number=None,
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
        self._steps.append(ServiceWritten(at, service, is_broken=self._has(Trouble.BAD_ROWS, 0.03)))

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
