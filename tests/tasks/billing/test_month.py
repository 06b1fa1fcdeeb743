from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.billing.month import BERLIN, BillingMonth

MOMENTS = st.datetimes(
    min_value=datetime(2001, 2, 1), max_value=datetime(2098, 12, 31), timezones=st.just(UTC)
)


@pytest.mark.parametrize("text", ["2026-10", "2026-01", "2026-12"])
def test_a_month_is_written_as_it_is_read(text: str) -> None:
    assert str(BillingMonth.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-13", "2026-00", "2026-1", "26-10", "2026-10-01", "2026-10 ", "٢٠٢٦-١٠"],
)
def test_anything_else_is_refused_in_plain_words(text: str) -> None:
    with pytest.raises(ValueError, match="write it as YYYY-MM, such as 2026-10"):
        BillingMonth.parse(text)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("2026-04", date(2026, 4, 1), date(2026, 4, 30)),
    ],
)
def test_a_month_has_its_first_and_last_day(text: str, first: date, last: date) -> None:
    month = BillingMonth.parse(text)
    assert (month.first_day, month.last_day) == (first, last)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("2026-03", 31 * 24 - 1),  # summer time begins on 29 March
        ("2026-10", 31 * 24 + 1),  # and ends on 25 October
        ("2026-02", 28 * 24),
        ("2026-12", 31 * 24),
    ],
)
def test_a_month_lasts_as_long_as_berlins_clocks_say(text: str, hours: int) -> None:
    month = BillingMonth.parse(text)
    lasts = month.ends_at.astimezone(UTC) - month.starts_at.astimezone(UTC)
    assert lasts == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 11, 1, 5, 0, tzinfo=UTC), "2026-10"),  # 6 in the morning, the cron's time
        (datetime(2026, 10, 31, 22, 59, 59, tzinfo=UTC), "2026-09"),  # still October in Berlin
        (datetime(2026, 10, 31, 23, 0, tzinfo=UTC), "2026-10"),  # November has begun in Berlin
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), "2026-12"),  # New Year in Berlin
        (datetime(2026, 1, 15, tzinfo=BERLIN), "2025-12"),
    ],
)
def test_the_month_before_a_moment_follows_berlins_calendar(
    moment: datetime, expected: str
) -> None:
    assert str(BillingMonth.before(moment)) == expected


def test_a_moment_without_a_time_zone_belongs_to_no_month() -> None:
    with pytest.raises(ValueError, match="time zone"):
        BillingMonth.before(datetime(2026, 10, 1))


def test_a_month_is_over_from_the_first_instant_of_the_next() -> None:
    october = BillingMonth.parse("2026-10")
    assert not october.is_over(datetime(2026, 10, 31, 22, 59, 59, 999999, tzinfo=UTC))
    assert october.is_over(datetime(2026, 10, 31, 23, 0, tzinfo=UTC))


@given(MOMENTS)
def test_every_moment_lies_in_exactly_one_month(moment: datetime) -> None:
    month = BillingMonth.containing(moment)
    assert month.starts_at <= moment < month.ends_at
    assert month.preceding().ends_at == month.starts_at
    assert month.following().preceding() == month


@given(MOMENTS)
def test_months_are_ordered_as_time_is(moment: datetime) -> None:
    month = BillingMonth.containing(moment)
    assert BillingMonth.before(moment) == month.preceding() < month < month.following()
