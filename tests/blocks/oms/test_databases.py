"""A month is the same frame from every database and every column type."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import make_url

from blocks.oms.block import OmsDatabase
from blocks.oms.column import BERLIN as BERLIN_NAME
from blocks.oms.column import EXACT
from blocks.oms.contract import SERVICES
from tests.blocks.oms.filled import BERLIN, Row, Types, customer, fill, service

MONTHS = [(2026, 3), (2026, 10), (2026, 2), (2025, 12), (2026, 1), (2026, 4), (2026, 11)]
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Storage:
    """How a database keeps timestamps and numbers."""

    database: str
    number: str
    time: str
    stored: Callable[[datetime], object]
    timezone: str = "Europe/Berlin"
    query: tuple[tuple[str, str], ...] = ()


def local(moment: datetime) -> datetime:
    return moment.astimezone(BERLIN).replace(tzinfo=None)


def utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


AMERICAN = (("options", "-c timezone=America/New_York"),)
STORAGES = {
    "sqlite text, local": Storage("sqlite", "TEXT", "TEXT", lambda m: f"{local(m)}"),
    "sqlite real, local T": Storage("sqlite", "REAL", "TEXT", lambda m: local(m).isoformat()),
    "sqlite numeric, offset": Storage("sqlite", "NUMERIC", "TEXT", lambda m: m.isoformat()),
    "sqlite text, utc Z": Storage("sqlite", "TEXT", "TEXT", lambda m: f"{utc(m).isoformat()}Z"),
    "sqlite text, naive utc": Storage(
        "sqlite", "TEXT", "TEXT", lambda m: f"{utc(m)}", timezone="UTC"
    ),
    "postgres numeric, local": Storage("postgres", "NUMERIC(16,4)", "TIMESTAMP", local),
    "postgres wide numeric, naive utc": Storage(
        "postgres", "NUMERIC(30,12)", "TIMESTAMP", utc, timezone="UTC"
    ),
    "postgres double, instant": Storage("postgres", "DOUBLE PRECISION", "TIMESTAMPTZ", lambda m: m),
    "postgres real, instant, american": Storage(
        "postgres", "REAL", "TIMESTAMPTZ", lambda m: m, query=AMERICAN
    ),
    "postgres text, text": Storage("postgres", "TEXT", "TEXT", lambda m: m.isoformat()),
    "mariadb decimal, local": Storage("mariadb", "DECIMAL(16,4)", "DATETIME(6)", local),
    "mariadb double, naive utc": Storage("mariadb", "DOUBLE", "DATETIME(6)", utc, timezone="UTC"),
    "mariadb decimal, instant": Storage(
        "mariadb",
        "DECIMAL(16,4)",
        "TIMESTAMP(6)",
        lambda m: utc(m) - timedelta(hours=5),
        query=(("init_command", "SET time_zone='-05:00'"),),
    ),
    "mariadb text, text": Storage("mariadb", "VARCHAR(40)", "VARCHAR(40)", lambda m: m.isoformat()),
}


@pytest.fixture(params=list(STORAGES))
def storage(request: pytest.FixtureRequest) -> Storage:
    return STORAGES[str(request.param)]


@pytest.fixture
def oms(storage: Storage, request: pytest.FixtureRequest) -> OmsDatabase:
    url = make_url(str(request.getfixturevalue(f"{storage.database}_url")))
    url_with_options = url.update_query_pairs(storage.query).render_as_string(hide_password=False)
    rows = [row(moment, storage.stored(moment)) for moment in reversed(moments())]
    types = Types(number=storage.number, time=storage.time)
    filled = fill(url_with_options, rows, [customer()], types)
    return OmsDatabase(url=filled.url, timezone=storage.timezone)


def test_each_month_is_the_same_frame_everywhere(oms: OmsDatabase) -> None:
    for year, month in MONTHS:
        starts_at, ends_at = bounds(year, month)
        snapshot = oms.read_services(starts_at, ends_at)
        assert snapshot.bad_rows == ()
        assert_frame_equal(snapshot.services, expected(starts_at, ends_at))


def test_one_service_is_the_same_row_everywhere(oms: OmsDatabase) -> None:
    moment = moments()[0]
    service_id = str(row(moment, None)["service_id"])
    snapshot = oms.read_service(service_id)
    assert snapshot.bad_rows == ()
    assert_frame_equal(snapshot.services, expected(moment, moment + MICROSECOND))
    assert snapshot.customers["customer_number"].to_list() == ["K1"]
    assert oms.read_service(service_id.lower()).services.is_empty()


def bounds(year: int, month: int) -> tuple[datetime, datetime]:
    following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=BERLIN)
    return datetime(year, month, 1, tzinfo=BERLIN), following


def moments() -> list[datetime]:
    """Both sides of each month's first moment, and of the nights when the clocks change."""
    firsts = {moment.astimezone(UTC) for month in MONTHS for moment in bounds(*month)}
    changes = {datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)}
    near = (-MICROSECOND, timedelta(0), MICROSECOND)
    return sorted(
        (moment + step).astimezone(BERLIN) for moment in firsts | changes for step in near
    )


def row(moment: datetime, stored: object) -> Row:
    fee = {"cancellation_fee_net": "12.3456", "cancellation_fee_vat_percent": "7"}
    return service(
        f"{moment.astimezone(UTC):%Y%m%dT%H%M%S.%f}",
        rendered_at=stored,
        name="Größe; „Maß“\nzwei",
        quantity="0.25",
        unit_price_net="68.3333",
        booking_account="08400",
        cost_centre="Süd",
        **(fee if moment.microsecond else {}),
    )


def expected(starts_at: datetime, ends_at: datetime) -> pl.DataFrame:
    inside = [moment for moment in moments() if starts_at <= moment < ends_at]
    assert inside
    rows = [row(moment, moment.astimezone(UTC)) for moment in inside]
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(
        *(
            pl.Series(name, [r[name] and Decimal(str(r[name])) for r in rows], dtype=EXACT)
            for name in SERVICES.number_names
        ),
        pl.col("rendered_at").dt.convert_time_zone(BERLIN_NAME),
    )


def test_no_local_time_is_lost_or_read_twice_when_the_clocks_change(sqlite_url: str) -> None:
    first = datetime(2026, 3, 29)
    quarter_hours = [first + n * timedelta(minutes=15) for n in range(24 * 4)]
    quarter_hours += [moment.replace(month=10, day=25) for moment in quarter_hours]
    rows = [service(str(moment), rendered_at=str(moment)) for moment in quarter_hours]
    oms = fill(sqlite_url, rows)
    days = datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC)
    nights = datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)
    hours = [night + n * timedelta(hours=1) for night in nights for n in range(4)]
    edges = sorted((*days, *hours))
    found = [
        service_id
        for starts_at, ends_at in pairwise(edges)
        for service_id in oms.read_services(starts_at, ends_at).services["service_id"]
    ]
    assert sorted(found) == sorted(map(str, quarter_hours))
