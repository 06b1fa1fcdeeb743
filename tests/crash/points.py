"""Where a run can be killed: between any two things that it does for good, or at the ends.

What a dead process leaves is the same right after one step and right before the next. A request's
effect and its answer are one moment: the answer is not known to the ledger before the next step.
"""

import os
import signal
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from inspect import signature
from typing import Any, TypeVar, cast

from blocks.easybill.calls import ApiCall
from blocks.easybill.client import EasybillClient
from blocks.ledger.ledger import CallToLog, Ledger
from blocks.ledger.reads import LedgerReads
from tasks.billing.month import BillingMonth
from tasks.run.connections import Connections
from tasks.run.executor import Keyed
from tasks.run.steps import BUILD, Step
from tests.plain_run import PlainExecutor

Answer = TypeVar("Answer")
Subject = TypeVar("Subject")
# Renewals come by the clock, so no two runs would agree on their number.
NO_STEPS_OF_THE_LEDGER = {*dir(LedgerReads), "under", "renew_lease"}
READS_OF_EASYBILL = ("list_", "find_", "read_")
THE_RUN = "the run"


@dataclass(frozen=True, slots=True)
class Point:
    """A moment of a run: right after one step and before the next, of that customer.

    The customer is THE_RUN where the next step concerns nobody in particular.
    """

    customer: str
    after: str
    before: str

    def __str__(self) -> str:
        return f"after {self.after} and before {self.before}"


class Points:
    """Counts the points that a run passes, and kills the process at one of them."""

    def __init__(self, kill_at: tuple[int, Point] | None = None) -> None:
        self.passed: list[Point] = []
        self._last = "the start"
        self._kill_at = kill_at

    def step(self, customer: str, name: str, act: Callable[[], Answer]) -> Answer:
        """Do something for good."""
        told = f"{name} ({customer})"
        self._pass(Point(customer, self._last, told))
        self._last = told
        return act()

    def end(self) -> None:
        """Say that nothing more is done."""
        self._pass(Point(THE_RUN, self._last, "the end"))

    def _pass(self, point: Point) -> None:
        if self._kill_at is not None and len(self.passed) == self._kill_at[0]:
            assert point == self._kill_at[1], f"this is {point}, not {self._kill_at[1]}"
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed.append(point)


class _WatchedLedger:
    """The ledger, each of whose writes is a step."""

    def __init__(self, ledger: Ledger, points: Points, no_steps: Collection[str] = ()) -> None:
        self._ledger, self._points = ledger, points
        self._no_steps = {*NO_STEPS_OF_THE_LEDGER, *no_steps}

    @contextmanager
    def for_one_customer(self) -> Iterator[Ledger]:
        """Its calls are written with other steps."""
        with self._ledger.for_one_customer() as ledger:
            yield cast("Ledger", _WatchedLedger(ledger, self._points, ["record_call"]))

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._ledger, name)
        if name == "under":
            return lambda lease: watched_ledger(found(lease), self._points)
        if name in self._no_steps or not callable(found):
            return found
        return partial(self._write, name, found)

    def _write(
        self, name: str, write: Callable[..., Answer], *values: object, **named: object
    ) -> Answer:
        given = signature(write).bind(*values, **named).arguments
        call: CallToLog | None = given.get("call")
        if call is not None and call.method == "GET":
            return write(*values, **named)
        subject = call or given.get("export")
        about = getattr(subject, "customer_number", given.get("customer_number"))
        details = [call.method, call.path] if call else [str(given.get("event", ""))]
        step = " ".join(["ledger", name, *filter(None, details)])
        return self._points.step(str(about or THE_RUN), step, lambda: write(*values, **named))


class _WatchedClient:
    """The easybill client, each of whose writes is a step."""

    def __init__(self, client: EasybillClient, points: Points, customer: str) -> None:
        self._client, self._points, self._customer = client, points, customer

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if name.startswith(READS_OF_EASYBILL) or not callable(found):
            return found
        return partial(self._write, name, found)

    def _write(self, name: str, write: Callable[..., Answer], *values: object) -> Answer:
        return self._points.step(self._customer, f"easybill {name}", lambda: write(*values))


@dataclass(frozen=True)
class WatchedConnections(Connections):
    """Connections whose ledger and easybill are watched."""

    points: Points = field(kw_only=True)

    def client_for(
        self,
        month: BillingMonth,
        customer_number: str | None,
        on_call: Callable[[ApiCall], None] = lambda _: None,
    ) -> EasybillClient:
        client = Connections.client_for(self, month, customer_number, on_call)
        watched = _WatchedClient(client, self.points, customer_number or THE_RUN)
        return cast("EasybillClient", watched)


def watched_ledger(ledger: Ledger, points: Points) -> Ledger:
    return cast("Ledger", _WatchedLedger(ledger, points))


def watched(connections: Connections, points: Points) -> Connections:
    """The same connections, whose every write is counted."""
    return WatchedConnections(
        oms=connections.oms,
        account=connections.account,
        client=connections.client,
        ledger=watched_ledger(connections.ledger, points),
        export_dir=connections.export_dir,
        lease_seconds=connections.lease_seconds,
        flow_run_id=connections.flow_run_id,
        points=points,
    )


class WatchedExecutor(PlainExecutor):
    """Runs the steps of production, of which each build of a file is counted."""

    def __init__(self, points: Points) -> None:
        super().__init__(sleep=lambda _: None)
        self._points = points

    def map(
        self,
        step: Step,
        work: Callable[[Subject], Answer],
        subjects: Sequence[Keyed[Subject]],
        *,
        refresh: bool = False,
        on_done: Callable[[], None] | None = None,
    ) -> list[Answer | Exception]:
        if step is not BUILD:
            return super().map(step, work, subjects, refresh=refresh, on_done=on_done)
        return [
            self._points.step(one.key, "disk build", partial(work, one.subject)) for one in subjects
        ]
