from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from blocks.oms import block
from blocks.oms.block import OmsDatabase
from blocks.oms.column import RowRule
from blocks.oms.contract import CUSTOMERS, SERVICES
from demo.relations import METADATA
from tasks.billing.issue import IssueCode
from tasks.billing.month import BillingMonth
from tasks.billing.wording import text_of
from tasks.load.load_services import NO_CUSTOMER_NUMBER, load_services
from tasks.load.month_of_services import MonthOfServices

Execute = Callable[[str], None]


@pytest.fixture
def oms_url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'oms.db'}"
    METADATA.create_all(create_engine(url, poolclass=NullPool))
    return url


@pytest.fixture
def execute(oms_url: str) -> Execute:
    def run(statement: str) -> None:
        with create_engine(oms_url, poolclass=NullPool).begin() as connection:
            connection.execute(text(statement))

    return run


@pytest.fixture
def load(oms_url: str) -> Callable[[], MonthOfServices]:
    return lambda: load_services(OmsDatabase(url=oms_url), BillingMonth(2026, 10), "Storno: ")


def customer(number: str, name: str = "Weiß GmbH", country: str = "DE") -> str:
    return (
        "INSERT INTO invoicing_customers (customer_number, company_name, country, currency)"
        f" VALUES ('{number}', '{name}', '{country}', 'EUR')"
    )


def service(
    service_id: str,
    number: str,
    quantity: str = "1",
    status: str = "rendered",
    fee: str = "NULL, NULL",
    at: str = "2026-10-31 23:59:59",
) -> str:
    return (
        "INSERT INTO invoicing_services (service_id, customer_number, rendered_at, name, quantity,"
        " unit_price_net, vat_percent, status, cancellation_fee_net, cancellation_fee_vat_percent)"
        f" VALUES ('{service_id}', '{number}', '{at}', 'Beratung', '{quantity}', '10.0050', '19',"
        f" '{status}', {fee})"
    )


def test_lines_come_per_customer_with_exact_prices(
    execute: Execute, load: Callable[[], MonthOfServices]
) -> None:
    execute(customer("K1"))
    execute(service("S1", "K1"))
    execute(service("S2", "K1", status="cancelled", fee="'2.5', '0'"))
    execute(service("S3", "K1", at="2026-11-01 00:00:00"))
    loaded = load()
    assert [(line.service_id, line.title, line.unit_price_net) for line in loaded.lines["K1"]] == [
        ("S1", "Beratung", Decimal("10.0050")),
        ("S2", "Storno: Beratung", Decimal("2.5")),
    ]
    assert not loaded.refused


def test_a_bad_row_refuses_its_customer_with_row_column_value_and_expectation(
    execute: Execute, load: Callable[[], MonthOfServices]
) -> None:
    execute(customer("K1"))
    execute(customer("K2"))
    execute(service("S1", "K1"))
    execute(service("S2", "K1", quantity="-3"))
    execute(service("S3", "K2"))
    loaded = load()
    assert list(loaded.lines) == ["K2"]
    (issue,) = loaded.refused["K1"]
    assert (issue.code, issue.customer_number) == (IssueCode.ROW_INVALID, "K1")
    assert {name: issue.facts[name] for name in ("row", "column", "value")} == {
        "row": "S2",
        "column": "quantity",
        "value": "-3",
    }
    assert "0" in str(issue.facts["expected"])


def test_every_reason_is_given_at_once(
    execute: Execute, load: Callable[[], MonthOfServices]
) -> None:
    execute(customer("K1", country="Germany"))
    execute(service("S1", "K1", quantity="many"))
    execute(service("S2", "K1", status="done"))
    issues = load().refused["K1"]
    assert sorted(str(issue.facts["value"]) for issue in issues) == ["Germany", "done", "many"]


def test_a_rule_that_is_only_declared_refuses_its_customer_and_never_the_month(
    execute: Execute, load: Callable[[], MonthOfServices], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in ("K1", "K2", "K3"):
        execute(customer(number, name=f"{number} GmbH"))
        execute(service(f"S-{number}", number))
    no_service = RowRule("name", pl.col("service_id") != "S-K1", "another service")
    no_customer = RowRule("company_name", pl.col("company_name") != "K2 GmbH", "another company")
    monkeypatch.setattr(block, "SERVICES", replace(SERVICES, rules=(no_service,)))
    monkeypatch.setattr(block, "CUSTOMERS", replace(CUSTOMERS, rules=(no_customer,)))
    loaded = load()
    assert list(loaded.lines) == ["K3"]
    assert {number: list(map(text_of, issues)) for number, issues in loaded.refused.items()} == {
        "K1": ["invoicing_services, row S-K1: name is Beratung, expected another service"],
        "K2": ["invoicing_customers, row K2: company_name is K2 GmbH, expected another company"],
    }


def test_services_of_nobody_are_not_lost(
    execute: Execute, load: Callable[[], MonthOfServices]
) -> None:
    execute(service("S1", "K9"))
    execute(service("S2", ""))
    refused = load().refused
    (issue,) = refused["K9"]
    assert issue.code is IssueCode.CUSTOMER_NOT_LISTED
    assert text_of(issue) == "customer K9 has services but is not in invoicing_customers"
    assert refused[NO_CUSTOMER_NUMBER][0].facts["row"] == "S2"


def test_a_bad_customer_without_services_disturbs_nobody(
    execute: Execute, load: Callable[[], MonthOfServices]
) -> None:
    execute(customer("K1", country="Germany"))
    execute(customer("K2"))
    loaded = load()
    assert (loaded.lines, loaded.refused, list(loaded.customers)) == ({}, {}, ["K2"])


def test_cancelled_without_fee_bills_nothing(
    execute: Execute, load: Callable[[], MonthOfServices]
) -> None:
    execute(customer("K1"))
    execute(service("S1", "K1", status="cancelled"))
    loaded = load()
    assert (loaded.lines, loaded.refused) == ({}, {})
