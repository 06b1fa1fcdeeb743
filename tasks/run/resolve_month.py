"""Which month a run bills."""

from contextlib import suppress
from datetime import UTC, datetime

from prefect.runtime import flow_run

from tasks.billing.month import BillingMonth
from tasks.run.named_account import with_account


class MonthNotOver(ValueError):
    """The month still runs: its services are not complete, so it can only be previewed."""

    def __init__(self, month: str, last_day: str) -> None:
        super().__init__(month, last_day)
        self.month = month
        self.last_day = last_day

    def __str__(self) -> str:
        return f"{self.month} is not over yet: run it after {self.last_day}, or preview it"


class MonthBeforeFirst(ValueError):
    """The month is before the first one that is ever billed: it is previewed and compared only."""

    def __init__(self, month: str, first: str) -> None:
        super().__init__(month, first)
        self.month = month
        self.first = first

    def __str__(self) -> str:
        return (
            f"{self.month} is before {self.first}, the first month that is billed"
            " (INVOICING_FROM): preview it, or compare it with what easybill has"
        )


def require_billed(month: BillingMonth, first: BillingMonth | None) -> None:
    """Raise MonthBeforeFirst for a month that is never billed; `first` None: any month is."""
    if first is not None and month < first:
        raise MonthBeforeFirst(str(month), str(first))


def resolve_month(month: str | None, *, preview: bool, now: datetime | None = None) -> BillingMonth:
    """The month asked for, or the one before the run's scheduled start.

    A worker that was down starts a run late, but still for the month it was scheduled for.
    Raises MonthNotOver for a month that is not over yet, unless it is previewed.
    """
    chosen = BillingMonth.parse(month) if month else BillingMonth.before(_scheduled_start())
    if not preview and not chosen.is_over(now or datetime.now(UTC)):
        raise MonthNotOver(str(chosen), f"{chosen.last_day}")
    return chosen


def run_name(flow_name: str, month: str | None, *further: object, preview: bool = False) -> str:
    """The name that a run has in the UI: its flow, its account if that is named, the month.

    Then what else it is about, and if it previews. `month` None: the one that it resolves. Prefect
    names a scheduled run by chance, and asks for this name when it starts.
    """
    said = [flow_name, *with_account()]
    with suppress(ValueError):
        said.append(month or str(BillingMonth.before(_scheduled_start())))
    said += map(str, further)
    return " ".join([*said, "preview"] if preview else said)


def _scheduled_start() -> datetime:
    return datetime.fromisoformat(flow_run.scheduled_start_time.isoformat())
