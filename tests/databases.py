"""A fresh database per test, on each of the kinds that the product runs on."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

POSTGRES_SERVER = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
MARIADB_SERVER = "mysql+pymysql://root@127.0.0.1:3306/test"


@pytest.fixture(scope="session")
def postgres_server() -> URL:
    """URL of the PostgreSQL server under TEST_POSTGRES_URL."""
    return reachable_postgres()


@pytest.fixture(scope="session")
def mariadb_server() -> URL:
    """URL of the MariaDB server under TEST_MARIADB_URL."""
    return _reachable("MariaDB", "TEST_MARIADB_URL", MARIADB_SERVER)


@pytest.fixture
def postgres_url(postgres_server: URL) -> Iterator[str]:
    """URL of an empty PostgreSQL database that lives as long as the test."""
    with fresh_database(postgres_server, drop_options="WITH (FORCE)") as url:
        yield url


@pytest.fixture
def mariadb_url(mariadb_server: URL) -> Iterator[str]:
    """URL of an empty MariaDB database that lives as long as the test."""
    with fresh_database(mariadb_server, create_options="CHARACTER SET utf8mb4") as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def any_database_url(request: pytest.FixtureRequest) -> str:
    """The test runs once per kind of database."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@contextmanager
def fresh_database(server: URL, create_options: str = "", drop_options: str = "") -> Iterator[str]:
    """URL of an empty database that lives as long as the block."""
    name = f"invoicing_test_{secrets.token_hex(6)}"
    _execute(server, f"CREATE DATABASE {name} {create_options}")
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        _execute(server, f"DROP DATABASE {name} {drop_options}")


def reachable_postgres() -> URL:
    """URL of the PostgreSQL server; skips, or in CI fails, the test where none answers."""
    return _reachable("PostgreSQL", "TEST_POSTGRES_URL", POSTGRES_SERVER)


def _reachable(kind: str, variable: str, default: str) -> URL:
    server = make_url(os.environ.get(variable, default))
    try:
        _execute(server, "SELECT 1")
    except DBAPIError as error:
        reason = f"no {kind} answers at {server!r} (set {variable}): {error.orig}"
        if "CI" in os.environ and "TEST_ALLOW_MISSING_DATABASES" not in os.environ:
            pytest.fail(reason)
        pytest.skip(reason)
    return server


def _execute(server: URL, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(statement))
