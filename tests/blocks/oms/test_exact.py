from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.oms.exact import exact_number, exact_numbers, instant, texts

BERLIN = ZoneInfo("Europe/Berlin")
PRICES = st.decimals(min_value=-999999999999, max_value=999999999999, places=4)


@given(PRICES)
def test_a_number_of_four_places_is_read_as_it_is(price: Decimal) -> None:
    spellings = pl.Series([str(price), f"{price:f}", f" {price:f} ", f"{price:f}00", f"{price:E}"])
    assert exact_numbers(spellings).to_list() == [price] * len(spellings)


@given(st.integers(min_value=-(10**15) + 1, max_value=10**15 - 1).map(lambda n: n / 10**4))
def test_a_float_is_read_as_its_shortest_decimal_text(price: float) -> None:
    expected = Decimal(repr(price))
    read = exact_numbers(pl.Series(texts([price])))[0]
    assert read == (expected if expected == round(expected, 4) else None)


@given(PRICES, st.integers(min_value=1, max_value=9), st.integers(min_value=5, max_value=40))
def test_a_number_with_a_digit_beyond_the_fourth_is_never_rounded(
    price: Decimal, digit: int, place: int
) -> None:
    text = f"{price:f}" + "0" * (place - 5) + str(digit)
    assert exact_numbers(pl.Series([text])).to_list() == [None]


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "nan",
        "Infinity",
        "-inf",
        "1,5",
        "1.234,50",
        "$12.50",
        "1_000",
        "١٢",
        "１２",
        "0x10",
        "1e999",
        "1e-5",
        "1e99999999",
        "1000000000000",
        "-1000000000000",
        "True",
        "1.5.0",
        "--",
        ".",
    ],
)
def test_what_is_no_exact_number_is_not_read(text: str) -> None:
    assert exact_numbers(pl.Series([text])).to_list() == [None]


def test_an_empty_text_is_no_number_and_null_stays_null() -> None:
    assert exact_numbers(pl.Series(["", " ", None, "5"], dtype=pl.String)).to_list() == [
        None,
        None,
        None,
        Decimal(5),
    ]


@pytest.mark.parametrize(
    ("text", "number"),
    [("1e3", "1000"), ("1E-4", "0.0001"), (".5", "0.5"), ("5.", "5"), ("+7", "7"), ("-0.0", "0")],
)
def test_other_spellings_of_an_exact_number_are_read(text: str, number: str) -> None:
    assert exact_number(text) == Decimal(number)
    assert exact_numbers(pl.Series([text])).to_list() == [Decimal(number)]


def test_whole_numbers_and_bytes_are_read_as_text() -> None:
    values = [10001, Decimal(10001), 10001.0, b"10001", None, "10001"]
    assert texts(values) == ["10001", "10001", "10001", "10001", None, "10001"]


@pytest.mark.parametrize(
    ("value", "utc"),
    [
        ("2026-10-01 00:00:00", "2026-09-30T22:00:00"),
        ("2026-10-01T00:00:00", "2026-09-30T22:00:00"),
        ("2026-10-01", "2026-09-30T22:00:00"),
        ("2026-10-01 00:00:00.000001", "2026-09-30T22:00:00.000001"),
        ("2026-10-01T00:00:00Z", "2026-10-01T00:00:00"),
        ("2026-10-01 00:00:00.5-05:00", "2026-10-01T05:00:00.500000"),
        ("2026-10-01 00:00:00+02", "2026-09-30T22:00:00"),
        (date(2026, 10, 1), "2026-09-30T22:00:00"),
        (datetime(2026, 10, 1, tzinfo=UTC), "2026-10-01T00:00:00"),
    ],
)
def test_timestamps_are_read_in_every_usual_form(value: object, utc: str) -> None:
    assert instant(value, BERLIN) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "01.10.2026",
        "2026-10",
        "2026-02-30",
        "2026-W40-1",
        "20261001",
        "2026-10-01 25:00",
        5,
        None,
    ],
)
def test_what_is_no_timestamp_is_not_read(value: object) -> None:
    assert instant(value, BERLIN) is None


def test_a_local_time_that_occurs_twice_means_the_first() -> None:
    assert instant("2026-10-25 02:30:00", BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_local_time_that_never_occurs_is_counted_on_from_the_hour_before() -> None:
    assert instant("2026-03-29 02:30:00", BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@given(st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)))
def test_every_local_time_is_one_moment_near_it(local: datetime) -> None:
    moment = instant(local.isoformat(sep=" "), BERLIN)
    assert moment is not None
    assert moment == instant(local, BERLIN)
    assert local - moment.replace(tzinfo=None) in (timedelta(hours=1), timedelta(hours=2))
