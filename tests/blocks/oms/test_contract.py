"""The declaration of the two relations, and what follows from a change of it."""

from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest
from pandera.errors import SchemaError

from blocks.oms.checks import check, schema
from blocks.oms.column import Column, Kind, Relation, RowRule, Rule, matching
from blocks.oms.connection import snapshot_connection
from blocks.oms.contract import CUSTOMERS, SERVICES
from blocks.oms.errors import OmsContractBroken
from blocks.oms.reading import read_raw
from blocks.oms.snapshot import Snapshot
from tests.blocks.oms.filled import (
    BERLIN,
    OCTOBER,
    Row,
    customer,
    execute,
    fill,
    october,
    service,
)
from tests.shared import ROOT

EVERY_COLUMN = [
    pytest.param(relation, column, id=f"{relation.name}.{column.name}")
    for relation in (SERVICES, CUSTOMERS)
    for column in relation.columns
]
ALL_OF_A_SERVICE: dict[str, object] = {
    "cancellation_fee_net": "5",
    "cancellation_fee_vat_percent": "7",
    "booking_account": "08400",
    "cost_centre": "north",
}
ALL_OF_A_CUSTOMER: dict[str, object] = {
    **dict.fromkeys(CUSTOMERS.column_names, "x"),
    "country": "DE",
    "currency": "EUR",
    "vat_option": "IG",
    "due_in_days": "30",
}
REGION = Column(
    "region",
    Kind.TEXT,
    "the region",
    matching("^[0-9]+$", "digits"),
    nullable=True,
    optional=True,
)


def full(relation: Relation, key: str) -> Row:
    """A valid row with a value in every column."""
    if relation.key == "service_id":
        return service(key, **ALL_OF_A_SERVICE)
    return customer(key, **{**ALL_OF_A_CUSTOMER, "customer_number": key})


def read(url: str, *changed: Relation) -> Snapshot:
    """Read October with a changed declaration of one relation."""
    declared = {relation.name: relation for relation in (SERVICES, CUSTOMERS, *changed)}
    services, customers = declared.values()
    with snapshot_connection(url) as connection:
        raw = read_raw(connection, services, customers, BERLIN, between=OCTOBER)
    return check(raw, services, customers)


def valid_keys(snapshot: Snapshot, relation: Relation) -> list[str]:
    """The keys of the valid rows."""
    frame = snapshot.services if relation.key == "service_id" else snapshot.customers
    return list(frame[relation.key])


def fill_with(url: str, relation: Relation, *keys: str) -> None:
    """An OMS with these rows in the relation, and none in the other."""
    rows = [full(relation, key) for key in keys]
    fill(url, rows, []) if relation is SERVICES else fill(url, [], rows)


@pytest.mark.parametrize(("relation", "column"), EVERY_COLUMN)
def test_a_rule_that_a_column_gets_refuses_its_row_and_never_the_read(
    sqlite_url: str, relation: Relation, column: Column
) -> None:
    fill_with(sqlite_url, relation, "R1", "R2")
    stricter = replace(column, rule=Rule(lambda _: pl.col(relation.key) != "R2", "another value"))
    columns = tuple(stricter if each is column else each for each in relation.columns)
    snapshot = read(sqlite_url, replace(relation, columns=columns))
    (bad,) = snapshot.bad_rows
    assert (bad.relation, bad.row_key, bad.column) == (relation.name, "R2", column.name)
    assert bad.expected == stricter.expected
    assert valid_keys(snapshot, relation) == ["R1"]


@pytest.mark.parametrize("relation", [SERVICES, CUSTOMERS], ids=lambda relation: relation.name)
def test_a_rule_that_a_row_gets_refuses_it_and_never_the_read(
    sqlite_url: str, relation: Relation
) -> None:
    fill_with(sqlite_url, relation, "R1", "R2")
    rule = RowRule("customer_number", pl.col(relation.key) != "R2", "another row")
    snapshot = read(sqlite_url, replace(relation, rules=(*relation.rules, rule)))
    assert [(bad.row_key, bad.expected) for bad in snapshot.bad_rows] == [("R2", "another row")]
    assert valid_keys(snapshot, relation) == ["R1"]


def test_a_rule_whose_answer_is_null_refuses_the_row(sqlite_url: str) -> None:
    fill(sqlite_url, [service(unit=None)])
    rule = RowRule("unit", pl.col("unit") != "Std.", "another unit")
    snapshot = read(sqlite_url, replace(SERVICES, rules=(*SERVICES.rules, rule)))
    assert [bad.column for bad in snapshot.bad_rows] == ["unit"]


def test_an_optional_column_may_be_missing(any_database_url: str) -> None:
    fill(any_database_url, [service()])
    more = replace(SERVICES, columns=(*SERVICES.columns, REGION))
    snapshot = read(any_database_url, more)
    assert snapshot.bad_rows == ()
    assert snapshot.services["region"].to_list() == [None]


def test_an_optional_column_that_is_there_is_read_and_checked(any_database_url: str) -> None:
    fill(any_database_url, [service("S1"), service("S2")])
    execute(
        any_database_url,
        "ALTER TABLE invoicing_services ADD COLUMN region VARCHAR(20)",
        "UPDATE invoicing_services SET region = '4711' WHERE service_id = 'S1'",
        "UPDATE invoicing_services SET region = 'north' WHERE service_id = 'S2'",
    )
    more = replace(SERVICES, columns=(*SERVICES.columns, REGION))
    snapshot = read(any_database_url, more)
    assert snapshot.services["region"].to_list() == ["4711"]
    assert [(bad.row_key, bad.column) for bad in snapshot.bad_rows] == [("S2", "region")]


def test_another_column_must_be_there(any_database_url: str) -> None:
    fill(any_database_url, [service()])
    obligatory = replace(REGION, optional=False)
    with pytest.raises(OmsContractBroken, match="invoicing_services has no region"):
        read(any_database_url, replace(SERVICES, columns=(*SERVICES.columns, obligatory)))


@pytest.mark.parametrize(
    "broken",
    [
        pl.lit(Decimal(0)).cast(pl.Decimal(38, 4)).alias("quantity"),
        pl.lit(None, pl.String).alias("name"),
        pl.lit("open").alias("status"),
        pl.lit("S1").alias("service_id"),
        pl.lit(None, pl.Decimal(38, 4)).alias("cancellation_fee_vat_percent"),
        pl.lit(1).alias("vat_percent"),
        pl.lit("x").alias("unknown"),
    ],
)
def test_a_frame_that_breaks_the_declaration_is_refused(sqlite_url: str, broken: pl.Expr) -> None:
    frame = october(fill(sqlite_url, [full(SERVICES, "S1"), full(SERVICES, "S2")])).services
    assert schema(SERVICES).validate(frame).height == 2
    with pytest.raises(SchemaError):
        schema(SERVICES).validate(frame.with_columns(broken))


def documented(relation: Relation) -> str:
    """The table of docs/oms.md for a relation."""
    lines = ["| column | holds | must be |", "| --- | --- | --- |"]
    for column in relation.columns:
        by_row = [rule.expected for rule in relation.rules if rule.column == column.name]
        must_be = "; ".join([column.expected, *by_row])
        lines.append(f"| `{column.name}` | {column.meaning} | {must_be} |")
    return "\n".join(lines)


@pytest.mark.parametrize("relation", [SERVICES, CUSTOMERS], ids=lambda relation: relation.name)
def test_the_documentation_has_every_column_as_declared(relation: Relation) -> None:
    text = (ROOT / "docs" / "oms.md").read_text(encoding="utf-8")
    section = f"## {relation.name}\n\n{documented(relation)}\n"
    assert section in text, f"docs/oms.md must have this section:\n{section}"
