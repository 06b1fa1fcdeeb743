"""The chart of the last months: bars as whole pixels, for an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

from tasks.report.month_report import MonthTotals

WIDTH_PX, HEIGHT_PX = 64, 140


@dataclass(frozen=True, slots=True)
class Bar:
    """One month's net; `x` and `y` are the upper left corner, in pixels."""

    month: str
    net_cents: int
    x: int
    y: int
    height: int


def bars(history: Sequence[MonthTotals]) -> list[Bar]:
    """A bar per month, the highest month as high as the chart; none goes below the ground."""
    highest = max((totals.net_cents for totals in history), default=0)
    heights = [HEIGHT_PX * max(totals.net_cents, 0) // max(highest, 1) for totals in history]
    return [
        Bar(totals.month, totals.net_cents, place * WIDTH_PX, HEIGHT_PX - height, height)
        for place, (totals, height) in enumerate(zip(history, heights, strict=True))
    ]
