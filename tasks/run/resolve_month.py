"""Which month a run bills."""

from datetime import UTC, datetime

from prefect.runtime import flow_run

from tasks.billing.month import BillingMonth


class MonthNotOver(ValueError):
    """The month still runs: its services are not complete, so it can only be previewed."""


def resolve_month(month: str | None, *, preview: bool, now: datetime | None = None) -> BillingMonth:
    """The month asked for, or the one before the run's scheduled start.

    A worker that was down starts a run late, but still for the month it was scheduled for.
    Raises MonthNotOver for a month that is not over yet, unless it is previewed.
    """
    chosen = BillingMonth.parse(month) if month else BillingMonth.before(_scheduled_start())
    if not preview and not chosen.is_over(now or datetime.now(UTC)):
        raise MonthNotOver(
            f"{chosen} is not over yet: run it after {chosen.last_day:%Y-%m-%d}, or preview it"
        )
    return chosen


def run_name(flow_name: str, month: str | None) -> str:
    """The name that a run has in the UI: after its flow and the month that it resolved."""
    try:
        return f"{flow_name} {month or BillingMonth.before(_scheduled_start())}"
    except ValueError:
        return flow_name


def _scheduled_start() -> datetime:
    return datetime.fromisoformat(flow_run.scheduled_start_time.isoformat())
