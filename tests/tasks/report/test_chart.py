"""The bars of the last months."""

from tasks.report.chart import bars
from tasks.report.month_report import MonthTotals


def months(*net_cents: int) -> list[MonthTotals]:
    return [MonthTotals(f"2026-0{n}", 1, 1, 1, net, net) for n, net in enumerate(net_cents, 1)]


def test_the_highest_month_is_as_high_as_the_chart_and_the_others_in_proportion() -> None:
    assert [(bar.x, bar.y, bar.height) for bar in bars(months(100, 200, 50))] == [
        (0, 70, 70),
        (64, 0, 140),
        (128, 105, 35),
    ]


def test_a_month_at_or_below_zero_has_no_height() -> None:
    assert [bar.height for bar in bars(months(0, -5))] == [0, 0]
    assert bars([]) == []
