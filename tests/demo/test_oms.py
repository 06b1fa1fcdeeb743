from datetime import date, datetime
from decimal import Decimal

import polars as pl
from polars.testing import assert_frame_equal

from blocks.oms.block import OmsDatabase
from blocks.oms.snapshot import Snapshot
from demo.oms import fill_demo
from tests.blocks.oms.filled import BERLIN, execute, october

SEPTEMBER, THE_OCTOBER = date(2026, 9, 1), date(2026, 10, 1)


def texts(frame: pl.DataFrame) -> str:
    return "\n".join(str(value) for column in frame.iter_columns() for value in column)


def demo(url: str, *months: date) -> Snapshot:
    fill_demo(url, months)
    return october(OmsDatabase(url=url))


def test_the_demo_is_valid_on_every_database(any_database_url: str) -> None:
    snapshot = demo(any_database_url, THE_OCTOBER)
    assert snapshot.bad_rows == ()
    assert snapshot.customers.height == 40
    assert snapshot.services.height > 100


def test_a_month_is_the_same_on_every_database(
    sqlite_url: str, postgres_url: str, mariadb_url: str
) -> None:
    first, *others = (demo(url, THE_OCTOBER) for url in (sqlite_url, postgres_url, mariadb_url))
    for other in others:
        assert_frame_equal(first.services, other.services)
        assert_frame_equal(first.customers, other.customers)


def test_filling_again_or_further_months_changes_nothing(sqlite_url: str) -> None:
    first = demo(sqlite_url, THE_OCTOBER)
    execute(sqlite_url, "UPDATE invoicing_services SET unit = 'changed' WHERE unit = 'Std.'")
    again = demo(sqlite_url, SEPTEMBER, THE_OCTOBER, date(2026, 11, 1), THE_OCTOBER)
    assert_frame_equal(
        first.services.with_columns(pl.col("unit").replace("Std.", "changed")), again.services
    )
    assert_frame_equal(first.customers, again.customers)


def test_a_month_does_not_depend_on_the_other_months(sqlite_url: str, postgres_url: str) -> None:
    together = demo(sqlite_url, SEPTEMBER, THE_OCTOBER)
    assert_frame_equal(together.services, demo(postgres_url, THE_OCTOBER).services)


def test_the_demo_has_every_unusual_kind(sqlite_url: str) -> None:
    snapshot = demo(sqlite_url, THE_OCTOBER)
    services, customers = snapshot.services, snapshot.customers
    assert set(services["vat_percent"]) == {Decimal(19), Decimal(7), Decimal(0)}
    kinds = services.select("status", pl.col("cancellation_fee_net").is_not_null())
    assert kinds.n_unique() == 4
    assert (services["unit_price_net"] == 0).any()
    assert (services["unit_price_net"] * 1000 % 1 != 0).any()
    assert services["customer_number"].n_unique() < 37
    for character in ('"', ";", "\n", "ü", "ß", "„"):
        assert character in texts(services)
        assert character in texts(customers)
    for column in ("purchase_order", "buyer_reference", "vat_id", "last_name", "state"):
        assert customers[column].drop_nulls().len() > 0
    assert set(customers["vat_option"]) == {None, "IG", "AL"}
    untaxed = customers.filter(pl.col("vat_option").is_not_null())["customer_number"]
    vat = services.filter(pl.col("customer_number").is_in(untaxed.implode()))["vat_percent"]
    assert set(vat) == {Decimal(0)}


def test_the_demo_reaches_both_ends_of_its_month(sqlite_url: str) -> None:
    times = demo(sqlite_url, SEPTEMBER, THE_OCTOBER).services["rendered_at"]
    assert times.min() == datetime(2026, 10, 1, tzinfo=BERLIN)
    assert times.max() == datetime(2026, 10, 31, 23, 59, 59, 999999, tzinfo=BERLIN)
