"""The contract, row by row: sound rows become canonical, the others are named with a reason."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from blocks.oms.contract import (
    COUNTRY,
    CURRENCY,
    CUSTOMER_COLUMNS,
    NUMBER_COLUMNS,
    SAFE_FILE_NAME,
    SERVICE_COLUMNS,
    STATUSES,
    VAT_OPTIONS,
    Customers,
    Services,
)
from blocks.oms.exact import exact_numbers
from blocks.oms.reading import INSTANT, RawRows
from blocks.oms.snapshot import BadRow, Snapshot

SHOWN_CHARACTERS = 80
RAW = "raw "


@dataclass(frozen=True, slots=True)
class Check:
    """A column that breaks its promise where `broken` is true."""

    column: str
    broken: pl.Expr
    expected: str


SAFE_EXPECTED = (
    "1 to 64 letters (A-Z), digits, dots, dashes and underscores, not starting with a dot, "
    "because it names a file"
)
NUMBER_EXPECTED = "a number below 10^12 that is exact at 4 decimals"


def check(raw: RawRows, services_name: str, customers_name: str) -> Snapshot:
    """Split both relations into canonical frames of sound rows, and all bad rows."""
    services, bad_services = _sound(
        _canonical_services(raw.services), SERVICE_CHECKS, services_name, "service_id"
    )
    customers, bad_customers = _sound(
        _canonical_customers(raw.customers), CUSTOMER_CHECKS, customers_name, "customer_number"
    )
    return Snapshot(
        services=Services.validate(
            services.select(SERVICE_COLUMNS).sort("rendered_at", "service_id")
        ),
        customers=Customers.validate(customers.select(CUSTOMER_COLUMNS).sort("customer_number")),
        bad_rows=(*bad_services, *bad_customers),
    )


def _sound(
    rows: pl.DataFrame, checks: Sequence[Check], relation: str, key: str
) -> tuple[pl.DataFrame, list[BadRow]]:
    flags = rows.select(
        check.broken.fill_null(value=False).alias(str(n)) for n, check in enumerate(checks)
    )
    broken = flags.select(pl.any_horizontal(pl.all())).to_series()
    bad = (
        bad_row
        for n, check in enumerate(checks)
        for bad_row in _bad_rows(rows.filter(flags[str(n)]), check, relation, key)
    )
    return rows.filter(~broken), list(dict.fromkeys(bad))


def _bad_rows(rows: pl.DataFrame, check: Check, relation: str, key: str) -> Iterator[BadRow]:
    shown = rows.select(
        pl.col(RAW + key).fill_null(""),
        pl.col(RAW + "customer_number").fill_null("").alias("of customer"),
        pl.col(RAW + check.column).fill_null("null").str.slice(0, SHOWN_CHARACTERS).alias("value"),
    )
    for row_key, customer_number, value in shown.iter_rows():
        yield BadRow(relation, row_key, customer_number, check.column, value, check.expected)


def _with_raw(rows: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    return rows.with_columns(pl.col(columns).name.prefix(RAW))


def _canonical_services(raw: pl.DataFrame) -> pl.DataFrame:
    texts = [c for c in SERVICE_COLUMNS if c not in (*NUMBER_COLUMNS, "rendered_at")]
    return _with_raw(raw, SERVICE_COLUMNS).with_columns(
        _empty_as_null(texts),
        *(exact_numbers(raw[column]) for column in NUMBER_COLUMNS),
        pl.col(INSTANT).alias("rendered_at"),
    )


def _canonical_customers(raw: pl.DataFrame) -> pl.DataFrame:
    return (
        _with_raw(raw, CUSTOMER_COLUMNS)
        .with_columns(_empty_as_null(CUSTOMER_COLUMNS))
        .with_columns(
            pl.col("currency").fill_null("EUR"),
            # easybill's own description writes the normal case as the word NULL.
            pl.col("vat_option").replace("NULL", None),
        )
    )


def _empty_as_null(columns: Sequence[str]) -> pl.Expr:
    text = pl.col(columns)
    return pl.when(text.str.strip_chars() != "").then(text)


def _missing(column: str) -> Check:
    return Check(column, pl.col(column).is_null(), "a text that is not empty")


def _safe_number() -> Check:
    unsafe = ~pl.col("customer_number").str.contains(SAFE_FILE_NAME)
    return Check("customer_number", unsafe, SAFE_EXPECTED)


def _unique(column: str) -> pl.Expr:
    return pl.col(column).is_not_null() & pl.col(column).is_duplicated()


def _number(column: str, *, obligatory: bool) -> Check:
    raw = pl.col(RAW + column)
    unread = pl.col(column).is_null()
    if obligatory:
        return Check(column, unread, NUMBER_EXPECTED)
    return Check(column, unread & raw.is_not_null(), f"null or {NUMBER_EXPECTED}")


def _percent(column: str) -> Check:
    return Check(column, ~pl.col(column).is_between(0, 100), "0 to 100")


_CURRENCIES = pl.col("currency").n_unique().over("customer_number")

SERVICE_CHECKS = (
    _missing("service_id"),
    Check("service_id", _unique("service_id"), "a key that no other row has"),
    _missing("customer_number"),
    _safe_number(),
    Check(
        "rendered_at",
        pl.col("rendered_at").is_null(),
        "a timestamp such as 2026-10-31 23:59:59",
    ),
    _missing("name"),
    _number("quantity", obligatory=True),
    Check("quantity", pl.col("quantity") <= 0, "more than 0"),
    _number("unit_price_net", obligatory=True),
    Check("unit_price_net", pl.col("unit_price_net") < 0, "0 or more"),
    _number("vat_percent", obligatory=True),
    _percent("vat_percent"),
    Check(
        "status", ~pl.col("status").is_in(STATUSES).fill_null(value=False), " or ".join(STATUSES)
    ),
    _number("cancellation_fee_net", obligatory=False),
    Check("cancellation_fee_net", pl.col("cancellation_fee_net") < 0, "null, 0 or more"),
    _number("cancellation_fee_vat_percent", obligatory=False),
    _percent("cancellation_fee_vat_percent"),
    Check(
        "cancellation_fee_vat_percent",
        (pl.col("cancellation_fee_net") > 0)
        & pl.col(RAW + "cancellation_fee_vat_percent").is_null(),
        "the VAT of the cancellation fee, 0 to 100",
    ),
)

CUSTOMER_CHECKS = (
    _missing("customer_number"),
    _safe_number(),
    Check(
        "customer_number",
        _unique("customer_number") & (_CURRENCIES == 1),
        "a key that no other row has",
    ),
    Check(
        "currency",
        _unique("customer_number") & (_CURRENCIES > 1),
        "one row and one currency per customer, not mixed currencies",
    ),
    Check(
        "company_name",
        pl.col("company_name").is_null() & pl.col("last_name").is_null(),
        "a company_name or a last_name",
    ),
    Check(
        "country",
        ~pl.col("country").str.contains(COUNTRY).fill_null(value=False),
        "two capital letters (ISO 3166 alpha-2)",
    ),
    Check("currency", ~pl.col("currency").str.contains(CURRENCY), "three capital letters"),
    Check(
        "vat_option",
        ~pl.col("vat_option").is_in(VAT_OPTIONS),
        f"null or one of {', '.join(VAT_OPTIONS)}",
    ),
)
