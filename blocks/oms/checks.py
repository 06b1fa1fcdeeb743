"""The contract, row by row: valid rows leave as frames, the others are named with the reason."""

from collections.abc import Iterator
from functools import partial

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData

from blocks.oms.column import LONGEST_KEY, Column, Kind, Relation, RowRule
from blocks.oms.exact import NUL, exact_numbers
from blocks.oms.reading import INSTANT, RawRows
from blocks.oms.snapshot import BadRow, Snapshot

SHOWN_CHARACTERS = 80
RAW = "raw "
A_TEXT = "a text in UTF-8 without the character NUL"


def check(raw: RawRows, services: Relation, customers: Relation) -> Snapshot:
    """Split both relations into frames of valid rows, and all bad rows."""
    valid_services, bad_services = _split(raw.services, services)
    valid_customers, bad_customers = _split(raw.customers, customers)
    return Snapshot(
        services=schema(services).validate(valid_services.sort("rendered_at", "service_id")),
        customers=schema(customers).validate(valid_customers.sort("customer_number")),
        bad_rows=(*bad_services, *bad_customers),
    )


def schema(relation: Relation) -> pa.DataFrameSchema:
    """What a frame of valid rows must pass: these columns in this order, and every rule."""
    return pa.DataFrameSchema(
        {
            column.name: pa.Column(column.kind.value, nullable=column.nullable)
            for column in relation.columns
        },
        checks=[pa.Check(partial(_holds, rule), error=rule.expected) for rule in _rules(relation)],
        strict=True,
        ordered=True,
    )


def _holds(rule: RowRule, frame: PolarsData) -> pl.LazyFrame:
    return frame.lazyframe.select(rule.holds.fill_null(value=False))


def _rules(relation: Relation) -> Iterator[RowRule]:
    yield from (column.row_rule for column in relation.columns)
    yield from relation.rules


def _split(raw: pl.DataFrame, relation: Relation) -> tuple[pl.DataFrame, list[BadRow]]:
    rows = _with_values(raw, relation)
    texts = [c.name for c in relation.columns if c.kind is Kind.TEXT]
    rules = (
        *(RowRule(c.name, ~_is_unread(c), c.expected) for c in relation.columns),
        *(RowRule(name, ~_is_no_text(RAW + name), A_TEXT) for name in texts),
        *_rules(relation),
    )
    broken = rows.select(
        (~rule.holds.fill_null(value=False)).alias(str(n)) for n, rule in enumerate(rules)
    )
    bad = (
        bad_row
        for n, rule in enumerate(rules)
        for bad_row in _bad_rows(rows.filter(broken[str(n)]), rule, relation)
    )
    valid = rows.filter(~broken.select(pl.any_horizontal(pl.all())).to_series())
    return valid.select(relation.column_names), list(dict.fromkeys(bad))


def _with_values(raw: pl.DataFrame, relation: Relation) -> pl.DataFrame:
    names = relation.column_names
    return raw.with_columns(pl.col(names).name.prefix(RAW)).with_columns(
        _value(raw, column) for column in relation.columns
    )


def _value(raw: pl.DataFrame, column: Column) -> pl.Expr | pl.Series:
    if column.kind is Kind.NUMBER:
        return exact_numbers(raw[column.name])
    if column.kind is Kind.TIME:
        return pl.col(INSTANT).alias(column.name)
    text = pl.col(column.name)
    is_something = (text.str.strip_chars() != "") & (text != column.null_word)
    text = pl.when(is_something & ~_is_no_text(column.name)).then(text)
    return text if column.default is None else text.fill_null(column.default)


def _is_unread(column: Column) -> pl.Expr:
    """Null where none may be, or where there is something that can't be read."""
    value, raw = pl.col(column.name), pl.col(RAW + column.name)
    if column.kind is Kind.TEXT:
        return value.is_null() & ~_is_no_text(RAW + column.name) & ~pl.lit(column.nullable)
    return value.is_null() & (raw.is_not_null() | ~pl.lit(column.nullable))


def _is_no_text(name: str) -> pl.Expr:
    return pl.col(name).str.contains(NUL, literal=True).fill_null(value=False)


def _shown(name: str, characters: int) -> pl.Expr:
    text = pl.col(name).str.strip_prefix(NUL).str.replace_all(NUL, "\\x00", literal=True)
    return text.str.slice(0, characters)


def _bad_rows(rows: pl.DataFrame, rule: RowRule, relation: Relation) -> Iterator[BadRow]:
    number = RAW + "customer_number"
    # Also a customer number that is no number, or no text, becomes a key of the ledger.
    shown = rows.select(
        _shown(RAW + relation.key, LONGEST_KEY).fill_null(""),
        pl.when(~_is_no_text(number))
        .then(_shown(number, SHOWN_CHARACTERS))
        .fill_null("")
        .alias("of customer"),
        _shown(RAW + rule.column, SHOWN_CHARACTERS).fill_null("null").alias("value"),
    )
    for row_key, customer_number, value in shown.iter_rows():
        yield BadRow(relation.name, row_key, customer_number, rule.column, value, rule.expected)
