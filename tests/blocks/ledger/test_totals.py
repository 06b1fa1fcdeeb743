"""What each customer's drafts of the earlier months came to."""

from blocks.ledger.ledger import Ledger, Planned
from blocks.ledger.records import CustomerTotals
from tests.blocks.ledger.conftest import as_if, open_account


def draft(
    ledger: Ledger, month: str, number: str, net_cents: int, *, sequence: int = 1, document: int = 5
) -> None:
    planned = ledger.plan(
        month,
        number,
        sequence,
        Planned(
            csv_sha256="a" * 64,
            csv_path=f"{number}.csv",
            line_count=2,
            net_cents=net_cents,
            gross_cents=net_cents + 100,
            lines={},
        ),
        flow_run_id=None,
    )
    if document:
        as_if(ledger, planned, "delivered", document_id=document)


def test_drafts_are_summed_up_per_month_and_customer(ledger: Ledger) -> None:
    draft(ledger, "2026-08", "K1", 9_000_000_000)
    draft(ledger, "2026-09", "K1", 1000)
    draft(ledger, "2026-09", "K1", 500, sequence=2)
    draft(ledger, "2026-09", "K2", 300)

    assert ledger.totals_before("2026-10", 12) == [
        CustomerTotals("2026-08", "K1", 1, 2, 9_000_000_000, 9_000_000_100),
        CustomerTotals("2026-09", "K1", 2, 4, 1500, 1700),
        CustomerTotals("2026-09", "K2", 1, 2, 300, 400),
    ]
    assert [type(t.net_cents) for t in ledger.totals_before("2026-10", 1)] == [int, int]


def test_only_the_newest_months_that_have_drafts_count(ledger: Ledger) -> None:
    draft(ledger, "2026-07", "K1", 700)
    draft(ledger, "2026-08", "K1", 800)
    draft(ledger, "2026-09", "K1", 900, document=0)
    ledger.skip("2026-09", ["K2"], flow_run_id=None)
    draft(ledger, "2026-10", "K1", 1000)

    assert [t.month for t in ledger.totals_before("2026-10", 1)] == ["2026-08"]
    assert [t.month for t in ledger.totals_before("2026-10", 12)] == ["2026-07", "2026-08"]


def test_another_accounts_drafts_are_not_counted(ledger: Ledger, ledger_url: str) -> None:
    draft(open_account(ledger_url), "2026-09", "K1", 100)

    assert ledger.totals_before("2026-10", 12) == []
