"""Opening a ledger: where it may live, and how its tables come to be."""

import sqlite3
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pydantic import SecretStr
from sqlalchemy import URL, NullPool, create_engine, inspect, text

from blocks.ledger.block import InvoiceLedger
from blocks.ledger.engines import engine_as_it_is, open_engine
from blocks.ledger.errors import LedgerError, LedgerUnavailable
from blocks.ledger.ledger import Ledger
from blocks.ledger.migrate import NEWEST, VERSION_TABLE, bring_up_to_date
from blocks.ledger.tables import metadata


def open_ledger(url: str) -> Ledger:
    return InvoiceLedger(database_url=SecretStr(url)).open("main")


def test_the_migrations_lead_to_the_tables_of_the_code(ledger_url: str) -> None:
    with open_engine(ledger_url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert context.get_current_revision() == NEWEST
        assert compare_metadata(context, metadata) == []


def test_a_ledger_may_share_its_database_with_other_alembic_users(fresh_url: str) -> None:
    engine = open_engine(fresh_url)

    tables = set(inspect(engine).get_table_names())
    engine.dispose()
    assert tables == {*metadata.tables, "ledger_alembic_version"}


def test_threads_that_open_a_ledger_at_once_share_one_engine(sqlite_url: str) -> None:
    gate = threading.Barrier(8)

    def open_one(_: int) -> int:
        gate.wait()
        return id(open_engine(sqlite_url))

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(open_one, range(8)))) == 1


def test_a_ledger_that_is_up_to_date_opens_quickly(fresh_url: str) -> None:
    with engine_as_it_is(fresh_url) as engine:

        def seconds() -> float:
            started = time.perf_counter()
            bring_up_to_date(engine)
            return time.perf_counter() - started

        to_make_it = seconds()
        assert min(seconds() for _ in range(5)) < to_make_it / 3


def test_a_ledger_of_a_newer_release_is_refused(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '0999'"))

    with pytest.raises(LedgerError, match="version 0999, which this release does not know"):
        bring_up_to_date(engine)


def test_a_relative_file_lies_below_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    open_ledger("sqlite:///not/there/yet/ledger.db")

    assert (tmp_path / "not/there/yet/ledger.db").is_file()


def test_an_odd_folder_name_is_no_hindrance(tmp_path: Path) -> None:
    open_ledger(f"sqlite:///{tmp_path}/50%%/Übung %(here)s/ledger.db")


def test_a_sqlite_ledger_survives_a_power_cut_and_keeps_its_references(sqlite_url: str) -> None:
    with open_engine(sqlite_url).connect() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert settings == ["wal", 2, 1, 60_000]


def test_a_process_paused_in_a_write_does_not_keep_its_locks(postgres_ledger_url: str) -> None:
    engine = open_engine(postgres_ledger_url)
    engine.dispose()
    with engine.connect() as connection:
        query = "SHOW idle_in_transaction_session_timeout"
        connection.exec_driver_sql(query)
        connection.rollback()
        assert connection.exec_driver_sql(query).scalar_one() == "1min"


def test_a_connection_that_died_at_rest_is_replaced(postgres_ledger_url: str) -> None:
    ledger, engine = open_ledger(postgres_ledger_url), open_engine(postgres_ledger_url)
    with engine.connect() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    time.sleep(1.1)
    with create_engine(engine.url, poolclass=NullPool).connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    assert ledger.exports("2026-10") == []


def test_opening_waits_for_others_who_write_to_the_same_file(tmp_path: Path) -> None:
    file = tmp_path / "shared.db"
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE theirs (id INTEGER)")
    other.execute("BEGIN IMMEDIATE")
    commit = threading.Timer(0.3, other.execute, ["COMMIT"])
    commit.start()

    assert open_ledger(f"sqlite:///{file}").exports("2026-10") == []
    commit.join()
    other.close()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql+pymysql://root:hush@127.0.0.1/ledger", "mysql cannot hold a ledger"),
        ("mariadb+pymysql://root:hush@127.0.0.1/ledger", "mariadb cannot hold a ledger"),
        ("sqlite://", "in memory would forget"),
        ("sqlite:///:memory:", "in memory would forget"),
        ("hush", "is no database URL"),
        ("postgresql://u:hush@host:port/ledger", "is no database URL"),
        ("sqlite://clerk:hush@host/ledger.db", "is no database URL"),
        ("sqlite://clerk:hush@hush@host/ledger.db", "is no database URL"),
        ("sqlite://clerk:hush@/ledger.db", "is no database URL"),
    ],
)
def test_a_place_that_can_hold_no_ledger_is_refused(url: str, reason: str) -> None:
    with pytest.raises(LedgerError, match=reason) as refused:
        open_ledger(url)

    assert "PostgreSQL" in str(refused.value)
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://clerk:xq7@zk9@127.0.0.1:1/ledger",
        "postgresql://clerk:xq7@zk9/xq7@127.0.0.1:1/ledger",
        "postgresql://clerk:xq7@zk9?xq7@127.0.0.1:1/ledger",
        "postgresql://cle/rk:xq7zk9@127.0.0.1:1/ledger",
        "postgresql://127.0.0.1:1/ledger?password=xq7@zk9",
        "postgresql://127.0.0.1?user=clerk&password=xq7@zk9",
        "postgresql://clerk:xq7@zk9/zk9",
        "postgresql://clerk:xq7@zk9#zk9:5432/ledger",
        "postgresql://clerk:xq7@127.0.0.1,zk9/ledger",
    ],
)
def test_a_url_whose_password_may_be_taken_for_the_host_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(LedgerError, match="write @ as %40") as refused:
        open_ledger(url)

    assert not [
        part for part in ("xq7", "zk9", "cle/", "clerk") if part in traceback_of(refused.value)
    ]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://clerk:hush@127.0.0.1:1/ledger",
        "postgresql://clerk%40server:xq7%40zk9@127.0.0.1:1/ledger",
        "postgresql://clerk@server:xq7/zk9?@127.0.0.1:1/ledger",
        "postgresql://127.0.0.1:1/ledger?user=clerk&password=xq7%40zk9",
    ],
)
def test_a_server_that_does_not_answer_is_named_without_user_and_password(url: str) -> None:
    with pytest.raises(LedgerUnavailable, match=r"127\.0\.0\.1:1/ledger does not answer") as gone:
        open_ledger(url)

    assert not [part for part in ("xq7", "zk9", "clerk") if part in traceback_of(gone.value)]


def test_a_server_that_refuses_the_user_does_not_show_it(postgres_server: URL) -> None:
    stranger = postgres_server.set(username="clerk", password="hush")
    with pytest.raises(LedgerUnavailable, match="does not answer") as refused:
        open_ledger(stranger.render_as_string(hide_password=False))

    assert '"***"' in str(refused.value)
    assert "clerk" not in traceback_of(refused.value)


def traceback_of(error: Exception) -> str:
    """What a log shows of the error: all messages, without the lines of the source."""
    shown = traceback.TracebackException.from_exception(error)
    return "".join(line for line in shown.format() if not line.startswith("  File"))


def test_a_folder_that_cannot_be_created_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(LedgerError, match="file/below cannot be created"):
        open_ledger(f"sqlite:///{tmp_path}/file/below/ledger.db")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_text("Lorem ipsum dolor sit amet, consectetur" * 100)

    with pytest.raises(LedgerError, match=r"ledger\.db refused: file is not a database"):
        open_ledger(f"sqlite:///{tmp_path}/ledger.db")


@pytest.mark.parametrize("option", ["timeout=long", "plugin=klingon"])
def test_an_option_that_cannot_be_used_is_named(tmp_path: Path, option: str) -> None:
    with pytest.raises(LedgerError, match=f"cannot be used: {option.partition('=')[0]}"):
        open_ledger(f"sqlite:///{tmp_path}/ledger.db?{option}")
