"""A value that no reader can decode stops its customer alone, on every database."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.oms.exact import SURELY_A_TIME, instant
from blocks.oms.snapshot import Snapshot
from tests.blocks.oms.filled import BERLIN, Types, customer, execute, fill, october, service

A_TEXT = "a text in UTF-8 without the character NUL"
MONTHS = [(2025, 12), (2026, 2), (2026, 5), (2026, 10)]
# Spoils a column of the rows with the key S2.
SPOILERS = {
    "sqlite": [
        "UPDATE invoicing_services SET {c} = CAST(x'{hex}' AS TEXT) WHERE order_number='A2'"
    ],
    "postgres": [
        "ALTER TABLE invoicing_services ALTER {c} TYPE bytea USING convert_to({c}, 'UTF8')",
        "UPDATE invoicing_services SET {c} = '\\x{hex}' WHERE order_number = 'A2'",
    ],
    "mariadb": [
        "ALTER TABLE invoicing_services MODIFY {c} VARBINARY(200)",
        "UPDATE invoicing_services SET {c} = 0x{hex} WHERE order_number = 'A2'",
    ],
}
DATABASES = list(SPOILERS)


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(database: str, request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{database}_url"))


def spoilt(url: str, database: str, column: str, stored: bytes) -> Snapshot:
    """October with S1 of K1, and S2 of K2, which has these bytes in one column."""
    rows = [service("S1"), service("S2", order_number="A2", customer_number="K2")]
    oms = fill(url, rows, [customer("K1"), customer("K2")])
    execute(url, *(s.format(c=column, hex=stored.hex()) for s in SPOILERS[database]))
    return october(oms)


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (b"M\xfcller", "M\\xfcller"),
        (b"half \xed\xa0\x80", "half \\xed\\xa0\\x80"),
        (b"a\0b", "a\\x00b"),
        (b"\xff" * 100, "\\xff" * 20),
    ],
)
def test_bytes_that_are_no_text_stop_only_their_customer(
    url: str, database: str, stored: bytes, shown: str
) -> None:
    snapshot = spoilt(url, database, "name", stored)
    (bad,) = snapshot.bad_rows
    assert (bad.row_key, bad.customer_number, bad.column) == ("S2", "K2", "name")
    assert (bad.value, bad.expected) == (shown, A_TEXT)
    assert snapshot.services["service_id"].to_list() == ["S1"]


def test_a_key_that_is_no_text_is_shown_with_its_bytes(url: str, database: str) -> None:
    snapshot = spoilt(url, database, "service_id", b"S\x002")
    (bad,) = snapshot.bad_rows
    assert (bad.row_key, bad.customer_number, bad.expected) == ("S\\x002", "K2", A_TEXT)
    assert snapshot.services["service_id"].to_list() == ["S1"]


@pytest.mark.parametrize("stored", [b"K\xfc2", b"K\x002"])
def test_a_customer_number_that_is_no_text_counts_as_none(
    url: str, database: str, stored: bytes
) -> None:
    snapshot = spoilt(url, database, "customer_number", stored)
    (bad,) = snapshot.bad_rows
    assert (bad.row_key, bad.customer_number, bad.column) == ("S2", "", "customer_number")
    assert bad.value == stored.decode(errors="backslashreplace").replace("\0", "\\x00")
    assert snapshot.services["service_id"].to_list() == ["S1"]


@pytest.mark.parametrize("column", ["rendered_at", "quantity", "status", "description"])
def test_bytes_that_are_no_text_are_named_in_columns_of_every_kind(
    sqlite_url: str, column: str
) -> None:
    snapshot = spoilt(sqlite_url, "sqlite", column, b"2026-10-05\xfc")
    (bad,) = snapshot.bad_rows
    assert (bad.row_key, bad.column, bad.value) == ("S2", column, "2026-10-05\\xfc")


def test_bytes_that_are_text_are_read(url: str, database: str) -> None:
    snapshot = spoilt(url, database, "name", "Größe".encode())
    assert snapshot.bad_rows == ()
    assert snapshot.services["name"].to_list() == ["Beratung", "Größe"]


def test_a_half_character_in_json_stops_only_its_customer(postgres_url: str) -> None:
    rows = [service("S1"), service("S2", customer_number="K2")]
    oms = fill(postgres_url, rows)
    execute(
        postgres_url,
        "ALTER TABLE invoicing_services ALTER name TYPE json USING to_json(name)",
        "UPDATE invoicing_services SET name = '\"\\ud800\"' WHERE service_id = 'S2'",
    )
    snapshot = october(oms)
    assert [(bad.row_key, bad.value) for bad in snapshot.bad_rows] == [("S2", "\\xed\\xa0\\x80")]
    assert snapshot.services["name"].to_list() == ["Beratung"]


def test_keys_that_no_index_takes_are_refused_and_cut(sqlite_url: str) -> None:
    rows = [
        service("S" * 255),
        service("S" * 9000, customer_number="K2"),
        service("S3", customer_number="K" * 9000),
    ]
    snapshot = october(fill(sqlite_url, rows))
    assert [(bad.row_key, bad.customer_number) for bad in snapshot.bad_rows] == [
        ("S" * 255, "K2"),
        ("S3", "K" * 80),
    ]
    assert [bad.expected[:60] for bad in snapshot.bad_rows] == [
        "a text that is not empty, of at most 255 characters",
        "1 to 64 letters (A-Z, a-z), digits, dots, dashes and undersc",
    ]
    assert snapshot.services["service_id"].to_list() == ["S" * 255]


@pytest.mark.parametrize(
    ("quantity", "price", "column"),
    [
        ("1000000000", "999.9999", None),
        ("1000000000", "1000", "unit_price_net"),
        ("999999999999", "999999999999", "unit_price_net"),
        ("123456.789", "1", None),
        ("10.50", "1", None),
        ("1234567.8901", "1", "quantity"),
        ("12345678901", "0", "quantity"),
    ],
)
def test_what_is_too_large_for_ledger_or_easybill_is_refused(
    sqlite_url: str, quantity: str, price: str, column: str | None
) -> None:
    row = service(quantity=quantity, unit_price_net=price)
    snapshot = october(fill(sqlite_url, [row]))
    assert column in [bad.column for bad in snapshot.bad_rows] or column is None
    assert snapshot.services.height == (column is None)


@pytest.mark.parametrize(
    ("database", "kind", "stored"),
    [
        ("postgres", "DOUBLE PRECISION", "'NaN'"),
        ("postgres", "DOUBLE PRECISION", "'-Infinity'"),
        ("postgres", "NUMERIC", "'NaN'"),
        ("postgres", "NUMERIC", "'Infinity'"),
        ("sqlite", "REAL", "9e999"),
        ("sqlite", "REAL", "'NaN'"),
    ],
)
def test_a_number_that_is_none_stops_only_its_customer(kind: str, stored: str, url: str) -> None:
    rows = [service("S1"), service("S2", customer_number="K2")]
    oms = fill(url, rows, [], Types(number=kind))
    execute(url, f"UPDATE invoicing_services SET quantity = {stored} WHERE service_id = 'S2'")
    snapshot = october(oms)
    assert [(bad.row_key, bad.column) for bad in snapshot.bad_rows] == [("S2", "quantity")]
    assert snapshot.services["quantity"].to_list() == [Decimal(2)]


@pytest.mark.parametrize(
    "kind", ["DATE", "TIMESTAMP", "TIMESTAMPTZ", "TIME", "INTERVAL", "NUMERIC", "BOOLEAN", "JSON"]
)
def test_a_text_may_be_of_any_type_that_the_database_can_print(
    postgres_url: str, kind: str
) -> None:
    odd = {
        "DATE": "'0044-03-15 BC'",
        "TIMESTAMP": "'20026-10-05'",
        "TIMESTAMPTZ": "'infinity'",
        "TIME": "'24:00:00'",
        "INTERVAL": "'100000000 years'",
        "NUMERIC": "'NaN'",
        "BOOLEAN": "true",
        "JSON": "'[1]'",
    }[kind]
    oms = fill(postgres_url, [service("S1")])
    execute(
        postgres_url,
        "ALTER TABLE invoicing_services DROP service_code",
        f"ALTER TABLE invoicing_services ADD service_code {kind} DEFAULT {odd}",
    )
    snapshot = october(oms)
    assert (snapshot.bad_rows, snapshot.services.height) == ((), 1)


TEXTS_THAT_ARE_NO_TIME = (
    "2026-19-05",
    "2026-00-10",
    "2026-02-30",
    "2027-02-29",
    "2026-04-31",
    "2026-10-32",
    "2026-10-05 24:00:00",
    "2026-10-05 25:61",
    "2026-10-05 10:00:00 ",
    "2026-10-05\n",
    "2026-10-05 10:00 Uhr",
    "2026-10-05 10:00:00+25:00",
    "2026-1-5",
    "20026-10-05",
    "0026-10-05",
    "0000-00-00",
)
TIMES = [
    *((database, "VARCHAR(40)", TEXTS_THAT_ARE_NO_TIME) for database in DATABASES),
    ("postgres", "TIMESTAMP", ("infinity", "20026-10-05", "0026-10-05", "0044-03-15 BC")),
    ("postgres", "TIMESTAMPTZ", ("-infinity", "20026-10-05")),
    ("postgres", "DATE", ("infinity", "20026-10-05")),
    ("mariadb", "DATETIME(6)", ("2026-00-10", "2026-10-00", "2026-02-31", "0026-10-05")),
    ("mariadb", "DATE", ("2026-02-00",)),
    ("mariadb", "VARBINARY(40)", (b"2026-10-05\xfc", b"2026-19-05")),
    ("mariadb", "BLOB", (b"2026-19-05",)),
    ("sqlite", "BLOB", (b"2026-10-05\xfc",)),
    ("sqlite", "REAL", (2461319.5, 20261005)),
]


@pytest.mark.parametrize(("database", "kind", "times"), TIMES)
def test_a_time_that_cannot_be_read_is_named_whatever_the_month(
    kind: str, times: tuple[object, ...], url: str, database: str
) -> None:
    if database == "mariadb":
        url += "?init_command=SET sql_mode='ALLOW_INVALID_DATES'"
    rows = [service(f"S{n}", rendered_at=time) for n, time in enumerate(times)]
    elsewhere = service("S", rendered_at="2024-02-29 10:00:00")
    oms = fill(url, [*rows, elsewhere], [], Types(time=kind))
    for year, month in MONTHS:
        starts_at = datetime(year, month, 1, tzinfo=BERLIN)
        ends_at = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=BERLIN)
        snapshot = oms.read_services(starts_at, ends_at)
        named = {bad.row_key for bad in snapshot.bad_rows if bad.column == "rendered_at"}
        assert named == {row["service_id"] for row in rows}
        assert snapshot.services.is_empty()


def test_every_spelling_of_a_time_is_read_on_every_database(any_database_url: str) -> None:
    in_october = (
        "2026-10-05",
        "2026-10-05T10:00",
        "2026-10-05t10:00:00z",
        "2026-10-05 10:00:00.123456789+0200",
    )
    in_other_months = ("2026-10-31 23:00:00-05", "9999-12-31", "2028-02-29")
    rows = [service(time, rendered_at=time) for time in (*in_october, *in_other_months)]
    snapshot = october(fill(any_database_url, rows))
    assert snapshot.bad_rows == ()
    assert set(snapshot.services["service_id"]) == set(in_october)


@given(st.from_regex(SURELY_A_TIME))
def test_what_a_database_takes_for_a_time_can_be_read(time: str) -> None:
    for zone in ("Europe/Berlin", "Pacific/Kiritimati", "Etc/GMT+12"):
        assert instant(time, ZoneInfo(zone)) is not None
