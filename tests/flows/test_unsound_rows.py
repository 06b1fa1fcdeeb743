"""Rows that no reader can decode or no ledger can keep: each stops its customer alone."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import URL, make_url

from tasks.billing.issue import IssueCode
from tasks.billing.month import BillingMonth
from tasks.load.load_services import NO_CUSTOMER_NUMBER
from tasks.report.run_report import RunReport
from tasks.run.request import RunRequest
from tests.blocks.oms.filled import execute
from tests.databases import fresh_database
from tests.plain_run import connect_by_settings, run_plainly
from tests.world import MONTH, World

LATIN_1, WITH_NUL = b"M\xfcller".hex(), b"S\0".hex()
LARGEST = "999999999999.9999"
# By kind of database: a name that is no UTF-8, a key with NUL, a number that is no text.
SPOILT = {
    "sqlite": (
        f"UPDATE invoicing_services SET name = CAST(x'{LATIN_1}' AS TEXT) WHERE service_id = 'S1'",
        f"UPDATE invoicing_services SET service_id = CAST(x'{WITH_NUL}' AS TEXT)"
        " WHERE service_id = 'S2'",
        f"UPDATE invoicing_services SET customer_number = CAST(x'{LATIN_1}' AS TEXT)"
        " WHERE service_id = 'S7'",
        "UPDATE invoicing_services SET rendered_at = '2026-19-05' WHERE service_id = 'S6'",
    ),
    "mysql": (
        "ALTER TABLE invoicing_services MODIFY name VARBINARY(200), MODIFY customer_number BLOB",
        f"UPDATE invoicing_services SET name = x'{LATIN_1}' WHERE service_id = 'S1'",
        "UPDATE invoicing_services SET service_id = CONCAT('S', CHAR(0)) WHERE service_id = 'S2'",
        f"UPDATE invoicing_services SET customer_number = x'{LATIN_1}' WHERE service_id = 'S7'",
        "SET sql_mode = 'ALLOW_INVALID_DATES'",
        "UPDATE invoicing_services SET rendered_at = '2026-02-31' WHERE service_id = 'S6'",
    ),
    "postgresql": (
        "ALTER TABLE invoicing_services"
        + ",".join(
            f" ALTER {column} TYPE bytea USING convert_to({column}, 'UTF8')"
            for column in ("name", "service_id", "customer_number")
        ),
        f"UPDATE invoicing_services SET name = '\\x{LATIN_1}' WHERE service_id = 'S1'",
        f"UPDATE invoicing_services SET service_id = '\\x{WITH_NUL}' WHERE service_id = 'S2'",
        f"UPDATE invoicing_services SET customer_number = '\\x{LATIN_1}' WHERE service_id = 'S7'",
        "UPDATE invoicing_services SET rendered_at = '20026-10-05' WHERE service_id = 'S6'",
    ),
}


@pytest.fixture
def spoilt(
    world: World,
    any_database_url: str,
    postgres_server: URL,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    """A world with a sound customer K0 among unsound ones; the ledger is in PostgreSQL."""
    with fresh_database(postgres_server, drop_options="WITH (FORCE)") as ledger_url:
        place = replace(world, oms_url=any_database_url, ledger_url=ledger_url)
        for name, value in place.environment.items():
            monkeypatch.setenv(name, value)
        for number in ("K0", "K1", "K2", "K3", "K4", "K6"):
            place.add_customer(number)
        for service_id, number in (("S0", "K0"), ("S1", "K1"), ("S2", "K2"), ("S6", "K6")):
            place.add_service(service_id, number)
        place.add_service("S3", "K3", price=LARGEST, quantity=LARGEST)
        place.add_service("S4", "K4", quantity="1234567.8901")
        place.add_service("S5", "K" * 9000)
        place.add_service("S7", "K7")
        execute(any_database_url, *SPOILT[make_url(any_database_url).get_backend_name()])
        yield place


def run(month: BillingMonth) -> RunReport:
    return run_plainly(connect_by_settings(), RunRequest(month))


def test_unsound_rows_stop_their_customers_and_nobody_else(spoilt: World) -> None:
    report = run(BillingMonth.parse(MONTH))
    assert [export.customer_number for export in report.delivered] == ["K0"]
    found = {
        number: [(issue.code, issue.facts["row"], issue.facts["column"]) for issue in issues]
        for number, issues in report.not_invoiced.items()
    }
    row = IssueCode.ROW_INVALID
    assert found == {
        NO_CUSTOMER_NUMBER: [(row, "S7", "customer_number")],
        "K1": [(row, "S1", "name")],
        "K2": [(row, "S\\x00", "service_id")],
        "K3": [(row, "S3", "quantity"), (row, "S3", "unit_price_net")],
        "K4": [(row, "S4", "quantity")],
        "K" * 80: [(row, "S5", "customer_number")],
        "K6": [(row, "S6", "rendered_at")],
    }
    assert not report.is_complete
    assert {number: export.state for number, export in spoilt.exports().items()} == {
        **dict.fromkeys(found, "failed"),
        "K0": "delivered",
    }
    later = run(BillingMonth(2026, 11))
    assert list(later.not_invoiced) == ["K6"]
    assert {issue.customer_number for late in later.late for issue in late.issues} == set(found)
