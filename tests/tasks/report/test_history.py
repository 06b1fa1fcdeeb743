"""What the months before came to, and which were never run."""

import pytest

from tasks.billing.month import BillingMonth
from tasks.report.history import find_missed, history, never_run
from tasks.report.month_report import DraftRow, MonthTotals
from tests.blocks.ledger.test_totals import draft
from tests.world import World

NOVEMBER = BillingMonth(2026, 11)


def row(number: str, net_cents: int, *, state: str = "draft") -> DraftRow:
    gross_cents = net_cents + 19
    return DraftRow(
        customer_number=number,
        name=number,
        sequence=1,
        line_count=3,
        net_cents=net_cents,
        vat_cents=19,
        gross_cents=gross_cents,
        document_id=1,
        url=None,
        state=state,  # type: ignore[arg-type]
    )


def test_the_last_months_come_first_and_this_one_last(world: World) -> None:
    draft(world.ledger, "2026-09", "K1", 900)
    draft(world.ledger, "2026-10", "K1", 1000)
    draft(world.ledger, "2026-10", "K1", 500, sequence=2)
    draft(world.ledger, "2026-10", "K2", 300)
    assert history(world.ledger, NOVEMBER, [row("K1", 100), row("K2", 7, state="deleted")]) == (
        MonthTotals("2026-09", 1, 1, 2, 900, 1000),
        MonthTotals("2026-10", 2, 3, 6, 1800, 2100),
        MonthTotals("2026-11", 1, 1, 3, 100, 119),
    )


def test_thirteen_months_are_shown_at_most(world: World) -> None:
    month = NOVEMBER
    for _ in range(14):
        month = month.preceding()
        draft(world.ledger, str(month), "K1", 100)
    shown = [totals.month for totals in history(world.ledger, NOVEMBER, [])]
    assert (len(shown), shown[0], shown[-1]) == (13, "2025-11", "2026-11")


@pytest.mark.parametrize(
    ("known", "missed"),
    [
        ((), ()),
        (("2026-10",), ()),
        (("2026-12",), ()),
        (("2026-08", "2026-10"), ("2026-09",)),
        (("2025-11", "2026-02", "2026-09"), None),
    ],
)
def test_months_since_the_first_one_that_have_no_export_were_missed(
    world: World, known: tuple[str, ...], missed: tuple[str, ...] | None
) -> None:
    for month in known:
        world.ledger.skip(month, ["K1"], flow_run_id=None)
    across = ("2025-12", "2026-01", *(f"2026-{n:02}" for n in range(3, 9)), "2026-10")
    assert find_missed(world.ledger, NOVEMBER) == (across if missed is None else missed)


def test_a_month_before_the_first_one_that_is_billed_was_not_missed(world: World) -> None:
    for month in ("2026-06", "2026-10"):
        world.ledger.skip(month, ["K1"], flow_run_id=None)
    since = BillingMonth(2026, 8)
    assert find_missed(world.ledger, NOVEMBER, since) == ("2026-08", "2026-09")


def test_a_long_gap_is_told_in_one_sentence() -> None:
    assert never_run(["2026-08"]) == "2026-08 was never run; run it with --month 2026-08"
    assert never_run(["2026-07", "2026-08", "2026-09"]) == (
        "2026-07 and 2 later months were never run; run each with --month"
    )
