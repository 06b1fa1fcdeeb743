"""The queries of docs/ledger.md, as accountants copy them, and the columns that it names."""

import re
from pathlib import Path

import pytest
from sqlalchemy import Table, text

from blocks.ledger.engines import open_engine
from blocks.ledger.ledger import Ledger
from blocks.ledger.tables import acceptances, exports, leases
from tests.blocks.ledger.conftest import Plan, as_if
from tests.blocks.ledger.test_calls import record

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "ledger.md"
COMPLETE, SERVICE, CALLS, WRITER = re.findall(
    r"```sql\n(.*?);\n```", DOCUMENT.read_text(), re.DOTALL
)


@pytest.mark.parametrize("table", [exports, acceptances], ids=str)
def test_every_column_of_the_table_is_explained(table: Table) -> None:
    page = DOCUMENT.read_text().split(f"\n`{table.name}`: ")[1]
    assert [column.name for column in table.c if f"`{column.name}`" not in page] == []


def answer(url: str, ledger: Ledger, query: str) -> list[tuple[object, ...]]:
    own = query.replace("'main'", f"'{ledger.account}'")
    with open_engine(url).connect() as connection:
        return [tuple(row) for row in connection.execute(text(own))]


def test_every_column_of_an_export_and_of_a_lease_is_in_the_page() -> None:
    page = DOCUMENT.read_text()
    keys = {"id", "account", "month", "customer_number"}
    columns = [*exports.columns.keys(), *leases.columns.keys()]
    assert [name for name in columns if name not in keys and f"`{name}`" not in page] == []


def test_they_tell_whether_a_month_is_complete(ledger_url: str, ledger: Ledger, plan: Plan) -> None:
    as_if(ledger, plan("K1", "S1"), "delivered")
    ledger.skip("2026-10", ["K2", "K3"], flow_run_id=None)

    rows = {
        state: (count, float(str(net)))
        for state, count, net, _ in answer(ledger_url, ledger, COMPLETE)
    }
    assert rows == {"delivered": (1, 279.16), "skipped": (2, 0.0)}


def test_they_tell_which_draft_holds_a_service(ledger_url: str, ledger: Ledger, plan: Plan) -> None:
    as_if(ledger, plan("K1", "S", "T"), "drafted", document_id=815)

    assert answer(ledger_url, ledger, SERVICE) == [("service", "2026-10", "K1", "drafted", 815)]


def test_they_tell_what_was_sent_for_a_customer(ledger_url: str, ledger: Ledger) -> None:
    record(ledger)

    rows = answer(ledger_url, ledger, CALLS.replace("'K'", "'K1'"))
    assert [row[1:] for row in rows] == [("POST", "/documents", 201, "success", 120, None)]


def test_they_tell_who_works_on_a_month(ledger_url: str, ledger: Ledger) -> None:
    lease = ledger.take_lease("2026-10", "run 1 on host", 60)
    assert lease is not None
    ((holder, taken_at, renewed_at),) = answer(ledger_url, ledger, WRITER)
    assert (holder, taken_at) == ("run 1 on host", renewed_at)

    ledger.release_lease(lease)
    assert answer(ledger_url, ledger, WRITER) == []
