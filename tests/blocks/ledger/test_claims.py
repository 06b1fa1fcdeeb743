"""What a month's exports hold, and which months there are."""

from sqlalchemy import event

from blocks.ledger.engines import open_engine
from blocks.ledger.ledger import BilledLine, Claim, Export, Ledger, Planned
from tests.blocks.ledger.conftest import Plan, billed, digest_of, open_account, service_lines, why


def plan_in(ledger: Ledger, month: str, *service_ids: str) -> Export:
    return ledger.plan(
        month,
        "K1",
        1,
        Planned(
            csv_sha256="a" * 64,
            csv_path="K1.csv",
            line_count=len(service_ids),
            net_cents=1,
            gross_cents=1,
            planned_sha256="c" * 64,
            lines=billed(*service_ids),
        ),
        flow_run_id=None,
    )


def test_all_lines_of_a_month_are_listed_with_their_exports(
    ledger_url: str, ledger: Ledger, plan: Plan
) -> None:
    first, later, other = plan("K1", "S1", "S2"), plan("K1", "S3", sequence=2), plan("K2", "S4")
    plan_in(ledger, "2026-09", "S5")
    plan("K1", "S6", ledger=open_account(ledger_url))

    assert ledger.claims_of("2026-10") == {
        BilledLine(service_id, "service"): Claim(export, digest_of(service_id))
        for service_id, export in [("S1", first), ("S2", first), ("S3", later), ("S4", other)]
    }
    assert ledger.claims_of("2026-11") == {}


def test_no_query_for_a_months_lines_compares_each_with_each_export(
    ledger_url: str, ledger: Ledger, plan: Plan
) -> None:
    plan("K1", "S1")
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    engine = open_engine(ledger_url)
    event.listen(engine, "before_cursor_execute", note)
    ledger.claims_of("2026-10")
    event.remove(engine, "before_cursor_execute", note)
    assert [s for s in asked if "FROM billed_services" in s]
    assert not [s for s in asked if "FROM billed_services" in s and "FROM exports" in s]


def test_a_line_is_found_whichever_month_billed_it(ledger: Ledger, plan: Plan) -> None:
    earlier = plan_in(ledger, "2026-09", "S5")

    assert ledger.billed_lines(service_lines("S5")) == {
        BilledLine("S5", "service"): Claim(earlier, digest_of("S5"))
    }


def test_the_digest_of_the_whole_invoice_is_kept(ledger: Ledger) -> None:
    assert plan_in(ledger, "2026-09", "S5").planned_sha256 == "c" * 64
    failed = ledger.fail("2026-09", "K1", reason=why("bad row"), flow_run_id=None)
    assert failed is not None
    assert failed.planned_sha256 is None


def test_earlier_months_are_listed_the_oldest_first(ledger_url: str, ledger: Ledger) -> None:
    for month in ("2026-10", "2026-02", "2025-12", "2026-09", "2026-11"):
        ledger.skip(month, ["K1", "K2"], flow_run_id=None)
    open_account(ledger_url).skip("2026-01", ["K1"], flow_run_id=None)

    assert ledger.months_before("2026-10") == ["2025-12", "2026-02", "2026-09"]
    assert ledger.months_before("2025-12") == []
