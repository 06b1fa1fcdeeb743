from decimal import Decimal

import polars as pl
import pytest

from blocks.oms.contract import CUSTOMERS, SERVICES
from blocks.oms.snapshot import BadRow
from tests.blocks.oms.filled import Row, customer, fill, october, service

NUMBERS = [
    ("quantity", "0", "more than 0"),
    ("quantity", "-1", "more than 0"),
    ("quantity", None, "a number"),
    ("quantity", "viel", "a number"),
    ("quantity", "", "a number"),
    ("unit_price_net", "-0.0001", "0 or more"),
    ("unit_price_net", "1.00005", "at most 4 decimals"),
    ("unit_price_net", "NaN", "a number"),
    ("unit_price_net", "1000000000000", "below 10^12"),
    ("unit_price_net", None, "a number"),
    ("vat_percent", "100.0001", "0 to 100"),
    ("vat_percent", "-1", "0 to 100"),
    ("vat_percent", None, "a number"),
    ("cancellation_fee_net", "-5", "0 or more"),
    ("cancellation_fee_net", "5,00", "null or a number"),
    ("cancellation_fee_net", "", "null or a number"),
    ("cancellation_fee_vat_percent", "101", "0 to 100"),
    ("cancellation_fee_vat_percent", "x", "null or a number"),
]
TEXTS = [
    ("name", "", "not empty"),
    ("name", "  \n", "not empty"),
    ("name", None, "not empty"),
    ("status", "open", "rendered or cancelled"),
    ("status", "Rendered", "rendered or cancelled"),
    ("status", None, "rendered or cancelled"),
    ("rendered_at", None, "a timestamp"),
    ("rendered_at", "", "a timestamp"),
    ("rendered_at", "05.10.2026", "a timestamp"),
    ("rendered_at", "0000-00-00 00:00:00", "a timestamp"),
    ("rendered_at", "9999-99-99", "a timestamp"),
    ("rendered_at", "2026-10-32", "a timestamp"),
    ("customer_number", "../etc", "names a file"),
    ("customer_number", ".hidden", "names a file"),
    ("customer_number", "K 1", "names a file"),
    ("customer_number", "K1\n", "names a file"),
    ("customer_number", "Kä", "names a file"),
    ("customer_number", "K" * 65, "names a file"),
]


@pytest.mark.parametrize(("column", "value", "expected"), NUMBERS + TEXTS)
def test_a_broken_service_is_named_and_the_others_stay(
    sqlite_url: str, column: str, value: str | None, expected: str
) -> None:
    rows = [service("S1"), service("S2", **{column: value})]
    snapshot = october(fill(sqlite_url, rows, [customer()]))
    (bad,) = snapshot.bad_rows
    number = value if column == "customer_number" else "K1"
    assert (bad.relation, bad.row_key, bad.customer_number, bad.column, bad.value) == (
        "invoicing_services",
        "S2",
        number,
        column,
        "null" if value is None else value,
    )
    assert expected in bad.expected
    assert snapshot.services["service_id"].to_list() == ["S1"]


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("company_name", "", "last_name"),
        ("company_name", None, "last_name"),
        ("country", None, "capital letters"),
        ("country", "de", "capital letters"),
        ("country", "DEU", "capital letters"),
        ("currency", "eur", "capital letters"),
        ("currency", "€", "capital letters"),
        ("vat_option", "ig", "revc"),
        ("customer_number", "K/2", "names a file"),
    ],
)
def test_a_broken_customer_is_named_and_the_others_stay(
    sqlite_url: str, column: str, value: str | None, expected: str
) -> None:
    rows = [customer("K1"), customer("K2", **{column: value})]
    snapshot = october(fill(sqlite_url, [], rows))
    (bad,) = snapshot.bad_rows
    key = value if column == "customer_number" else "K2"
    assert (bad.relation, bad.row_key, bad.customer_number) == ("invoicing_customers", key, key)
    assert (bad.column, bad.value) == (column, "null" if value is None else value)
    assert expected in bad.expected
    assert snapshot.customers["customer_number"].to_list() == ["K1"]


@pytest.mark.parametrize("number", [None, ""])
def test_rows_without_customer_number_are_named_without_one(
    sqlite_url: str, number: str | None
) -> None:
    oms = fill(sqlite_url, [service(customer_number=number)], [customer(number)])
    snapshot = october(oms)
    assert [(bad.relation, bad.customer_number) for bad in snapshot.bad_rows] == [
        ("invoicing_services", ""),
        ("invoicing_customers", ""),
    ]
    assert snapshot.services.is_empty()
    assert snapshot.customers.is_empty()


def test_services_without_a_key_are_not_taken_for_duplicates(sqlite_url: str) -> None:
    rows = [service(service_id=None), service(service_id=None, customer_number="K2")]
    bad_rows = october(fill(sqlite_url, rows)).bad_rows
    assert [(bad.customer_number, bad.expected) for bad in bad_rows] == [
        ("K1", "a text that is not empty, of at most 255 characters"),
        ("K2", "a text that is not empty, of at most 255 characters"),
    ]


def test_a_service_key_that_occurs_twice_drops_both_under_each_customer(sqlite_url: str) -> None:
    rows = [service("S1"), service("S2"), service("S2", customer_number="K2"), service("S2")]
    snapshot = october(fill(sqlite_url, rows))
    assert {(bad.row_key, bad.customer_number) for bad in snapshot.bad_rows} == {
        ("S2", "K1"),
        ("S2", "K2"),
    }
    assert len(snapshot.bad_rows) == 2
    assert snapshot.services["service_id"].to_list() == ["S1"]


def test_a_customer_that_is_there_twice_is_dropped(sqlite_url: str) -> None:
    snapshot = october(fill(sqlite_url, [], [customer("K1"), customer("K1"), customer("K2")]))
    (bad,) = snapshot.bad_rows
    assert (bad.customer_number, bad.column) == ("K1", "customer_number")
    assert snapshot.customers["customer_number"].to_list() == ["K2"]


def test_a_customer_in_two_currencies_is_dropped_as_mixed(sqlite_url: str) -> None:
    rows = [customer("K1", currency=None), customer("K1", currency="USD")]
    snapshot = october(fill(sqlite_url, [], rows))
    assert {(bad.customer_number, bad.value) for bad in snapshot.bad_rows} == {
        ("K1", "null"),
        ("K1", "USD"),
    }
    assert all("mixed currencies" in bad.expected for bad in snapshot.bad_rows)
    assert snapshot.customers.is_empty()


def test_a_fee_without_vat_is_refused_and_a_fee_of_zero_needs_none(sqlite_url: str) -> None:
    rows = [
        service("S1", cancellation_fee_net="10", status="cancelled"),
        service("S2", cancellation_fee_net="0", status="cancelled"),
        service("S3", cancellation_fee_net="10", cancellation_fee_vat_percent="0"),
    ]
    snapshot = october(fill(sqlite_url, rows))
    (bad,) = snapshot.bad_rows
    assert (bad.row_key, bad.column) == ("S1", "cancellation_fee_vat_percent")
    assert snapshot.services["service_id"].to_list() == ["S2", "S3"]


def test_every_fault_of_a_row_is_named(sqlite_url: str) -> None:
    broken = service(quantity="0", vat_percent="x", status=None, name="")
    bad_rows = october(fill(sqlite_url, [broken])).bad_rows
    assert {bad.column for bad in bad_rows} == {"quantity", "vat_percent", "status", "name"}


def test_a_price_of_zero_and_a_service_of_an_unknown_customer_are_valid(sqlite_url: str) -> None:
    rows = [service(unit_price_net="0", customer_number="K-unknown")]
    snapshot = october(fill(sqlite_url, rows, [customer()]))
    assert snapshot.bad_rows == ()
    assert snapshot.services["unit_price_net"].to_list() == [Decimal(0)]


@pytest.mark.parametrize("value", ["NULL", "", None])
def test_the_normal_vat_option_is_null(sqlite_url: str, value: str | None) -> None:
    snapshot = october(fill(sqlite_url, [], [customer(vat_option=value)]))
    assert snapshot.customers["vat_option"].to_list() == [None]


def test_empty_texts_become_null_and_no_currency_means_euro(sqlite_url: str) -> None:
    rows = [customer(currency=None, email="", last_name=" ", phone_number="x ")]
    snapshot = october(fill(sqlite_url, [service(description="", unit="", order_number=" ")], rows))
    assert snapshot.bad_rows == ()
    assert snapshot.services.select("description", "unit", "order_number").row(0) == (None,) * 3
    assert snapshot.customers.select("currency", "email", "last_name", "phone_number").row(0) == (
        "EUR",
        None,
        None,
        "x ",
    )


def test_keys_stored_as_numbers_are_read_as_text(sqlite_url: str) -> None:
    rows: list[Row] = [service(service_id=7, customer_number=10001)]
    snapshot = october(fill(sqlite_url, rows, [customer(10001)]))
    assert snapshot.services.select("service_id", "customer_number").row(0) == ("7", "10001")
    assert snapshot.customers["customer_number"].to_list() == ["10001"]


def test_services_are_sorted_by_time_and_key(sqlite_url: str) -> None:
    rows = [
        service("S3"),
        service("S1", rendered_at="2026-10-06 10:00:00"),
        service("S2"),
        service("S0", rendered_at="2026-10-05T10:00:00+00:00"),
    ]
    assert october(fill(sqlite_url, rows)).services["service_id"].to_list() == [
        "S2",
        "S3",
        "S0",
        "S1",
    ]


def test_an_oms_without_rows_gives_empty_frames_of_the_contract(any_database_url: str) -> None:
    snapshot = october(fill(any_database_url))
    assert snapshot.services.schema == pl.Schema(
        {column.name: column.kind.value for column in SERVICES.columns}
    )
    assert snapshot.customers.columns == list(CUSTOMERS.column_names)
    assert snapshot.bad_rows == ()


def test_a_bad_row_reads_as_one_plain_sentence() -> None:
    bad = BadRow("invoicing_services", "S1", "K1", "quantity", "0", "more than 0")
    assert str(bad) == (
        "invoicing_services, row S1 of customer K1: quantity is 0, expected more than 0."
    )


def test_a_long_value_is_cut_where_it_is_shown(sqlite_url: str) -> None:
    (bad,) = october(fill(sqlite_url, [service(status="x" * 5000)])).bad_rows
    assert len(bad.value) == 80
