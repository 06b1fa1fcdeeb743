"""The simulated ledger and the real one answer alike, whatever is asked of them."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from blocks.ledger.engines import open_engine
from blocks.ledger.errors import LedgerError
from blocks.ledger.ledger import UNCHANGED, Ledger, Planned, Reason, TakenIn
from blocks.ledger.protocol import permits
from blocks.ledger.records import (
    Acceptance,
    ApiCallRow,
    BilledLine,
    CallToLog,
    Claim,
    CustomerCreation,
    Export,
    Lease,
)
from blocks.ledger.states import Event, ExportState
from tests.simulation.ledger import SimLedger
from tests.simulation.ledger_tables import LedgerTables

MONTHS, CUSTOMERS = ("2026-10", "2026-11"), ("K1", "K2")
LINES = [BilledLine(f"S{n}", kind) for n in (1, 2, 3) for kind in ("service", "cancellation_fee")]
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
OPERATIONS = 60
RIGHT_AS_IT_IS = Acceptance(8, (9,), "a cent", "the accountant")
BAD_ROW = Reason("bad row", "row_invalid", "{}")
LOST = Reason("lost\0" + "x" * 3000, "lost", '{"said": "lost"}')


@dataclass(slots=True)
class Both:
    """Two ledgers of which the same is asked, and what they handed out last."""

    rng: random.Random
    ledgers: tuple[Ledger, Ledger]
    exports: list[tuple[Export, Export]] = field(default_factory=list)
    leases: list[tuple[Lease, Lease]] = field(default_factory=list)
    creations: list[tuple[CustomerCreation, CustomerCreation]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def ask(self, name: str, *arguments: Any, fenced: bool = False, **named: Any) -> None:
        """Ask both; a pair among the arguments is for each its own."""
        lease = self.rng.choice(self.leases) if fenced and self.leases else None
        answers = []
        for n, plain in enumerate(self.ledgers):
            ledger = plain if lease is None else plain.under(lease[n])
            own = [a[n] if isinstance(a, tuple) else a for a in arguments]
            theirs = {k: v[n] if isinstance(v, tuple) else v for k, v in named.items()}
            answers.append(_answer(getattr(ledger, name), own, theirs))
        self.asked.append(name)
        sim, real = answers
        assert _comparable(sim) == _comparable(real), f"{', '.join(self.asked)} under {lease}"
        if isinstance(sim, Export) and isinstance(real, Export):
            self.exports.append((sim, real))
        if isinstance(sim, Lease) and isinstance(real, Lease):
            self.leases.append((sim, real))
        if isinstance(sim, CustomerCreation) and isinstance(real, CustomerCreation):
            self.creations.append((sim, real))


def _answer(method: Callable[..., Any], arguments: list[Any], named: dict[str, Any]) -> Any:
    try:
        return method(*arguments, **named)
    except LedgerError as error:
        return type(error), str(error)


def _comparable(answer: Any) -> Any:
    """The answer without what each ledger chooses for itself: row numbers and times."""
    match answer:
        case Export():
            released_at = answer.released_at and LONG_AGO
            fresh = replace(answer, id=0, account="", released_at=released_at)
            return replace(fresh, created_at=LONG_AGO, updated_at=LONG_AGO)
        case Lease():
            return replace(answer, account="", renewed_at=LONG_AGO)
        case CustomerCreation():
            return replace(answer, account="", at=LONG_AGO)
        case ApiCallRow():
            return replace(answer, id=0, account="")
        case Claim():
            return Claim(_comparable(answer.export), answer.line_sha256)
        case dict():
            return {key: _comparable(value) for key, value in answer.items()}
        case list():
            return [_comparable(value) for value in answer]
        case _:
            return answer


def _do_something(both: Both) -> None:
    rng = both.rng
    month, customer = rng.choice(MONTHS), rng.choice(CUSTOMERS)
    export = rng.choice(both.exports[-6:]) if both.exports else None
    lease = rng.choice(both.leases[-3:]) if both.leases else None
    creation = rng.choice(both.creations[-3:]) if both.creations else None
    fenced = rng.random() < 0.3
    operations: list[Callable[[], None]] = [
        lambda: both.ask(
            "plan",
            month,
            customer,
            rng.choice([1, 1, 2]),
            _planned(rng),
            flow_run_id=rng.choice([None, "run 1"]),
            fenced=fenced,
        ),
        lambda: both.ask(
            "take_in",
            month,
            customer,
            rng.choice([1, 1, 2]),
            _taken_in(rng),
            flow_run_id=rng.choice([None, "run 1"]),
            fenced=fenced,
        ),
        lambda: both.ask(
            "fail",
            month,
            customer,
            reason=BAD_ROW,
            flow_run_id="r",
            fenced=fenced,
        ),
        lambda: both.ask("skip", month, [customer], flow_run_id="r", fenced=fenced),
        lambda: both.ask("take_lease", month, "run", 60, instead_of=rng.choice([lease, None])),
        lambda: both.ask("require_lease", fenced=fenced),
        lambda: both.ask(
            "announce_customer",
            customer,
            instead_of=rng.choice([creation, None]),
            flow_run_id="r",
            fenced=fenced,
        ),
        lambda: _record_call(both, month),
    ]
    if creation is not None:
        operations.append(
            lambda: both.ask("settle_customer", creation, rng.choice([None, 4, 2**40]))
        )
    if export is not None:
        operations += [
            lambda: both.ask("advance", export, fenced=fenced, **_advanced(rng, export[0])),
            lambda: both.ask("advance", export, **_advanced(rng, export[0])),
            lambda: both.ask("advance", export, **_advanced(rng, export[0])),
            lambda: both.ask("release", export, released_by="run 1", fenced=fenced),
            lambda: both.ask("replan", export, _planned(rng), flow_run_id="run 1", fenced=fenced),
        ]
    if lease is not None:
        operations += [
            lambda: both.ask("renew_lease", lease),
            lambda: both.ask("release_lease", lease),
        ]
    rng.choice(operations)()


def _planned(rng: random.Random) -> Planned:
    lines = rng.sample(LINES, rng.randint(1, 3))
    return Planned(
        csv_sha256=rng.choice(["a", "b"]) * 64,
        csv_path="exports/K.csv",
        line_count=len(lines),
        net_cents=rng.randint(0, 999),
        gross_cents=rng.randint(0, 999),
        planned_sha256=rng.choice([None, "c" * 64]),
        lines={line: rng.choice("de") for line in lines},
    )


def _taken_in(rng: random.Random) -> TakenIn:
    lines = rng.sample(LINES, rng.randint(1, 3))
    return TakenIn(
        document_id=8,
        document_edited_at="2026-12-01 06:00:00",
        lines={line: rng.choice(["d", None]) for line in lines},
        line_count=len(lines),
        net_cents=rng.randint(0, 999),
        gross_cents=rng.randint(0, 999),
        csv_sha256=rng.choice([None, "a" * 64]),
        attachment_id=rng.choice([None, 7]),
        content_sha256=rng.choice([None, "c" * 64]),
        reason=rng.choice([None, LOST]),
        acceptance=rng.choice([None, None, RIGHT_AS_IT_IS]),
    )


def _advanced(rng: random.Random, export: Export) -> dict[str, Any]:
    """Mostly what the protocol permits, and seldom what it does not."""
    permitted = [event for event in Event if permits(export, event)]
    events = list(Event) if rng.random() < 0.1 or not permitted else permitted
    numbers: dict[str, Any] = {
        "attachment_id": rng.choice([None, 7]),
        "document_id": rng.choice([None, 8, 8]),
        "replaced_attachment_id": rng.choice([None, 9]),
        "reason": rng.choice([None, UNCHANGED, LOST]),
        "back_to": rng.choice(list(ExportState)),
        "attempts": rng.randint(0, 3),
        "document_edited_at": rng.choice([None, "2026-12-01 06:00:00"]),
        "flow_run_id": "run 2",
    }
    chosen = rng.sample(sorted(numbers), rng.randint(0, 4))
    return {"event": rng.choice(events), **{name: numbers[name] for name in chosen}}


def _record_call(both: Both, month: str) -> None:
    both.ask(
        "record_call",
        CallToLog(
            at=LONG_AGO,
            month=month,
            customer_number=None,
            method="GET",
            path="/documents",
            status=both.rng.choice([None, 200]),
            outcome="success",
            duration_ms=5,
            error=None,
            flow_run_id=None,
        ),
    )


def _look_at_everything(both: Both) -> None:
    both.ask("billed_lines", LINES)
    both.ask("months_before", "2026-11")
    both.ask("totals_before", "2026-12", both.rng.choice([1, 12]))
    both.ask("recognise_logins", [1, both.rng.choice([2, 3])])
    both.ask("known_logins")
    both.ask("customer_creations", CUSTOMERS)
    for document_id in (8, 9):
        both.ask("find_draft", document_id)
    for month in MONTHS:
        for question in ("exports", "claims_of", "read_lease", "calls", "left_out"):
            both.ask(question, month)
        both.ask("find_export", month, "K1", 1)
    for export in both.exports[-2:]:
        both.ask("lines_of", export)


_accounts = count(1)


@pytest.fixture(params=["sqlite", "postgres"])
def open_ledger(request: pytest.FixtureRequest) -> Callable[[], Ledger]:
    """A real ledger, of another account each time."""
    engine = open_engine(str(request.getfixturevalue(f"{request.param}_url")))
    return lambda: Ledger(engine, f"account {next(_accounts)}")


def test_both_ledgers_answer_alike(open_ledger: Callable[[], Ledger]) -> None:
    for seed in range(8):
        sim = SimLedger(LedgerTables(), lambda: datetime.now(UTC))
        both = Both(random.Random(seed), (sim, open_ledger()))
        for _ in range(OPERATIONS):
            _do_something(both)
            if both.rng.random() < 0.1:
                _look_at_everything(both)
        _look_at_everything(both)


@pytest.mark.parametrize("open_ledger", ["sqlite"], indirect=True)
def test_a_drift_would_be_seen(open_ledger: Callable[[], Ledger]) -> None:
    class Drifted(SimLedger):
        def months_before(self, month: str) -> list[str]:
            return []

    both = Both(
        random.Random(1), (Drifted(LedgerTables(), lambda: datetime.now(UTC)), open_ledger())
    )
    both.ask("skip", "2026-10", ["K1"], flow_run_id=None)
    with pytest.raises(AssertionError, match="months_before"):
        both.ask("months_before", "2026-11")
