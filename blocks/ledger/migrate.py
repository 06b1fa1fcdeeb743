"""Brings a ledger's tables to the version that this code knows."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from blocks.ledger import migrations
from blocks.ledger.errors import LedgerError
from blocks.ledger.transactions import lock, reading, writing

# A name of its own: the OMS or Prefect may keep their versions in the same database.
VERSION_TABLE = "ledger_alembic_version"
_MIGRATIONS = Path(migrations.__file__).parent
# Each file is named after its version; Alembic itself takes long to import.
KNOWN = sorted(file.name[1:5] for file in (_MIGRATIONS / "versions").glob("v*.py"))
NEWEST = KNOWN[-1]


def version_of(engine: Engine) -> tuple[str | None, str | None]:
    """The version that the tables have (None: no tables yet), and the one that this code knows.

    Changes nothing. LedgerError where a newer release has migrated the ledger.
    """
    with reading(engine) as connection:
        return _revision(connection), NEWEST


def bring_up_to_date(engine: Engine) -> None:
    """Create or migrate the tables; safe when several processes do so at once.

    LedgerError where a newer release has migrated the ledger further than this one knows.
    """
    with reading(engine) as connection:
        if _revision(connection) == NEWEST:
            return
    with writing(engine) as connection:
        lock(connection, "migration")
        if _revision(connection) == NEWEST:
            return
        if connection.dialect.name == "postgresql":
            # A large table takes its time; waiting for its lock stays limited.
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    # Alembic expands % in its options.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["version_table"] = VERSION_TABLE
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    """The version that the tables have; LedgerError where this release does not know it."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    query = text(f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608 - our own name
    revision = connection.execute(query).scalar()
    if revision is not None and revision not in KNOWN:
        raise LedgerError(
            f"The ledger's tables are of version {revision}, which this release does not know: "
            "a newer release has opened it. Update this one."
        )
    return revision
