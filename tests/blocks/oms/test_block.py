import pickle
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from traceback import TracebackException

import pytest
from pydantic import ValidationError
from sqlalchemy import URL, make_url

from blocks.oms.block import OmsDatabase
from blocks.oms.contract import SERVICES
from blocks.oms.errors import OmsContractBroken, OmsUnavailable
from tests.blocks.oms.filled import OCTOBER, Types, customer, execute, fill, october, service


def test_relations_may_be_views_of_another_schema_and_name(postgres_url: str) -> None:
    fill(postgres_url, [service()], [customer()])
    execute(
        postgres_url,
        'CREATE SCHEMA "Billing"',
        'CREATE VIEW "Billing"."my services; --" AS SELECT *, 1 AS more FROM invoicing_services',
        'CREATE VIEW "Billing".clients AS SELECT * FROM invoicing_customers',
    )
    oms = OmsDatabase(
        url=postgres_url,
        services_relation="Billing.my services; --",
        customers_relation="Billing.clients",
    )
    assert october(oms).services["service_id"].to_list() == ["S1"]
    assert october(oms).customers["customer_number"].to_list() == ["K1"]


def test_relations_may_be_in_another_mariadb_database(mariadb_url: str) -> None:
    fill(mariadb_url, [service()], [customer()])
    name = make_url(mariadb_url).database
    oms = OmsDatabase(
        url=mariadb_url,
        services_relation=f"{name}.invoicing_services",
        customers_relation=f"{name}.invoicing_customers",
    )
    assert october(oms).services.height == 1


def test_bad_rows_have_the_name_of_the_relation_as_set(sqlite_url: str) -> None:
    fill(sqlite_url, [service(quantity="0")])
    (bad,) = october(
        OmsDatabase(url=sqlite_url, services_relation="main.invoicing_services")
    ).bad_rows
    assert bad.relation == "main.invoicing_services"


def test_missing_columns_of_both_relations_are_listed_at_once(any_database_url: str) -> None:
    oms = fill(any_database_url)
    execute(
        any_database_url,
        "ALTER TABLE invoicing_services DROP COLUMN name",
        "ALTER TABLE invoicing_services DROP COLUMN vat_percent",
        "ALTER TABLE invoicing_customers DROP COLUMN city",
    )
    with pytest.raises(OmsContractBroken) as caught:
        october(oms)
    assert str(caught.value) == (
        "The OMS does not offer what is needed: invoicing_services has no name, vat_percent; "
        "invoicing_customers has no city."
    )


def test_a_missing_relation_is_named(any_database_url: str) -> None:
    fill(any_database_url)
    oms = OmsDatabase(url=any_database_url, services_relation="elsewhere")
    with pytest.raises(OmsContractBroken, match="elsewhere"):
        october(oms)


def test_a_missing_schema_is_named(any_database_url: str) -> None:
    fill(any_database_url)
    oms = OmsDatabase(url=any_database_url, services_relation="nowhere.invoicing_services")
    with pytest.raises(OmsContractBroken, match="nowhere"):
        october(oms)


@pytest.mark.parametrize("database", ["sqlite", "mariadb"])
def test_a_view_whose_table_is_gone_breaks_the_contract(
    database: str, request: pytest.FixtureRequest
) -> None:
    url = str(request.getfixturevalue(f"{database}_url"))
    fill(url)
    execute(
        url,
        "CREATE VIEW stale AS SELECT * FROM invoicing_services",
        "DROP TABLE invoicing_services",
    )
    with pytest.raises(OmsContractBroken, match="Check the two relations"):
        october(OmsDatabase(url=url, services_relation="stale"))


def test_a_float_column_of_mariadb_is_refused(mariadb_url: str) -> None:
    oms = fill(mariadb_url, [], [], Types(number="FLOAT"))
    with pytest.raises(
        OmsContractBroken, match=r"invoicing_services\.quantity is a FLOAT.*DECIMAL"
    ):
        october(oms)


@pytest.mark.parametrize("database", ["postgres", "mariadb"])
def test_a_time_column_of_another_type_is_refused(
    database: str, request: pytest.FixtureRequest
) -> None:
    oms = fill(str(request.getfixturevalue(f"{database}_url")), [], [], Types(time="BIGINT"))
    with pytest.raises(OmsContractBroken, match="rendered_at is no timestamp"):
        october(oms)


@pytest.mark.parametrize(
    ("database", "time", "unreadable"),
    [
        ("postgres", "TIMESTAMP", "infinity"),
        ("postgres", "TIMESTAMPTZ", "-infinity"),
        ("postgres", "DATE", "infinity"),
        ("postgres", "TEXT", "5.10.2026"),
        ("postgres", "TEXT", "0000-00-00"),
        ("mariadb", "DATETIME(6)", "0000-00-00"),
        ("mariadb", "TIMESTAMP NULL", "0000-00-00"),
        ("mariadb", "VARCHAR(40)", "5.10.2026"),
        ("sqlite", "INTEGER", "1790000000"),
    ],
)
def test_a_time_that_cannot_be_read_is_reported_in_every_month(
    database: str, time: str, unreadable: str, request: pytest.FixtureRequest
) -> None:
    url = str(request.getfixturevalue(f"{database}_url"))
    if database == "mariadb":
        url += "?init_command=SET sql_mode=''"
    rows = [
        service("S1", rendered_at="2026-10-05"),
        service("S2", rendered_at=unreadable),
        service("S3", rendered_at=None),
        service("S4", rendered_at="2026-01-05"),
    ]
    snapshot = october(fill(url, rows, [], Types(time=time)))
    assert snapshot.services["service_id"].to_list() == ["S1"]
    assert {(bad.row_key, bad.column) for bad in snapshot.bad_rows} == {
        ("S2", "rendered_at"),
        ("S3", "rendered_at"),
    }


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:s3cret-word@127.0.0.1:1/oms", "127.0.0.1"),
        ("mysql+pymysql://u:s3cret-word@127.0.0.1:1/oms", "127.0.0.1"),
        ("sqlite:////nowhere/oms.db", "/nowhere/oms.db"),
        ("sqlite://", "none"),
        ("oracle://u:s3cret-word@127.0.0.1/oms", "oracle"),
        ("u:s3cret-word", "can't be read"),
        ("postgresql://u:s3cret@rest@127.0.0.1/oms", "%40"),
        ("mariadb://u:s3cret@rest/word@127.0.0.1/oms", "%40"),
        ("mariadb://u:s3cret@rest?word@127.0.0.1/oms", "%40"),
        ("postgresql://clerk/u:s3cret@127.0.0.1/oms", "%40"),
        ("postgresql://127.0.0.1:1/oms?password=s3cret@rest", "%40"),
        ("sqlite://clerk:s3cret@rest@127.0.0.1/oms.db", "can't be read"),
        ("postgresql://u:s3cret-word@127.0.0.1:port/oms", "can't be read"),
        ("postgresql://clerk@server:s3c/ret?@127.0.0.1:1/oms", "127.0.0.1"),
        ("postgresql://u:s3cret@rest/word", "%40"),
        ("postgresql://u:s3cret@rest#,word:5432/oms", "%40"),
        ("mariadb://u:s3cret@-word/oms", "%40"),
        ("sqlite://clerk:s3cret@/oms.db", "can't be read"),
    ],
)
def test_trouble_with_the_connection_names_the_host_and_no_password(url: str, shown: str) -> None:
    with pytest.raises(OmsUnavailable) as caught:
        october(OmsDatabase(url=url))
    assert shown in str(caught.value)
    parts = ("s3c", "ret?", "rest", "-word", "?word", "/word", "clerk")
    assert not [part for part in parts if part in messages_of(caught.value)]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("mysql://u:s3cret@127.0.0.1/oms?port=rest", "port"),
        ("mariadb://u:s3cret@127.0.0.1/oms?klingon=rest", "klingon"),
        ("postgresql://u:s3cret@127.0.0.1/oms?klingon=rest", "klingon"),
        ("postgresql://u:s3cret@127.0.0.1/oms?plugin=rest", "plugin"),
    ],
)
def test_an_option_that_the_driver_does_not_know_is_named(url: str, name: str) -> None:
    with pytest.raises(OmsContractBroken, match=f"option .* cannot be used: {name}") as caught:
        october(OmsDatabase(url=url))
    assert not [part for part in ("s3cret", "rest") if part in messages_of(caught.value)]


@pytest.mark.parametrize("database", ["postgres", "mariadb"])
def test_a_server_that_refuses_the_user_does_not_show_it(
    database: str, request: pytest.FixtureRequest
) -> None:
    server: URL = request.getfixturevalue(f"{database}_server")
    url = server.set(username="clerk", password="s3cret").render_as_string(hide_password=False)
    with pytest.raises(OmsUnavailable, match=r"\*\*\*") as caught:
        october(OmsDatabase(url=url))
    assert "clerk" not in messages_of(caught.value)


def test_a_user_that_may_not_read_the_relations_is_not_shown(
    mariadb_url: str, mariadb_server: URL
) -> None:
    fill(mariadb_url, [service()])
    clerk = f"clerk{token_hex(4)}"
    execute(mariadb_url, f"CREATE USER {clerk} IDENTIFIED BY 's3cret'")
    database = make_url(mariadb_url).database
    execute(mariadb_url, f"GRANT SELECT ON {database}.invoicing_customers TO {clerk}")
    try:
        url = make_url(mariadb_url).set(username=clerk, password="s3cret")
        with pytest.raises(OmsContractBroken, match="denied to user") as caught:
            october(OmsDatabase(url=url.render_as_string(hide_password=False)))
    finally:
        execute(mariadb_url, f"DROP USER {clerk}")
    assert clerk not in messages_of(caught.value)


def messages_of(error: BaseException) -> str:
    """What a log shows of the error: all messages, without the lines of the source."""
    shown = TracebackException.from_exception(error)
    return "".join(line for line in shown.format() if not line.startswith("  File"))


def test_reading_creates_no_sqlite_file(tmp_path: Path) -> None:
    with pytest.raises(OmsUnavailable, match="does not exist"):
        october(OmsDatabase(url=f"sqlite:///{tmp_path}/none.db"))
    assert not list(tmp_path.iterdir())


def test_a_file_name_may_hold_any_character(tmp_path: Path) -> None:
    oms = fill(f"sqlite:///{tmp_path}/Ä b#%41?.db", [service()])
    assert october(oms).services.height == 1


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "oms.db").write_text("not a database " * 100)
    with pytest.raises(OmsContractBroken, match="not a database"):
        october(OmsDatabase(url=f"sqlite:///{tmp_path}/oms.db"))


def test_bounds_without_time_zone_are_refused(sqlite_url: str) -> None:
    naive = datetime(2026, 10, 1)
    oms = fill(sqlite_url)
    for bounds in ((naive, OCTOBER[1]), (OCTOBER[0], naive)):
        with pytest.raises(ValueError, match="time zone"):
            oms.read_services(*bounds)


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="Europe/Berlin"):
        OmsDatabase(url="sqlite:///oms.db", timezone="Europe/Bärlin")


def test_the_block_shows_no_password() -> None:
    oms = OmsDatabase(url="postgresql://u:s3cret@host/oms")
    assert "s3cret" not in f"{oms!r} {oms} {oms.model_dump()}"
    assert oms.get_block_type_slug() == "omsdatabase"


@pytest.mark.parametrize("error", [OmsUnavailable("gone."), OmsContractBroken("lacks name.")])
def test_errors_survive_pickling(error: Exception) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy)) == (type(error), str(error))


@pytest.mark.parametrize(
    ("database", "kind"),
    [("sqlite", "INTEGER"), ("sqlite", "REAL"), ("postgres", "BIGINT"), ("mariadb", "SIGNED")],
)
def test_one_service_is_found_by_a_key_that_is_a_number(
    database: str, kind: str, request: pytest.FixtureRequest
) -> None:
    url = str(request.getfixturevalue(f"{database}_url"))
    fill(url, [service("7"), service("70")], [customer()])
    others = ", ".join(SERVICES.column_names[1:])
    execute(
        url,
        f"CREATE VIEW numbered AS SELECT CAST(service_id AS {kind}) AS service_id, {others}"
        " FROM invoicing_services",
    )
    snapshot = OmsDatabase(url=url, services_relation="numbered").read_service("7")
    assert snapshot.services["service_id"].to_list() == ["7"]


def test_one_service_whose_row_is_bad_is_named_with_the_reason(sqlite_url: str) -> None:
    oms = fill(sqlite_url, [service("S1"), service("S2", rendered_at="soon")], [customer()])
    snapshot = oms.read_service("S2")
    assert snapshot.services.is_empty()
    assert [bad.column for bad in snapshot.bad_rows] == ["rendered_at"]
