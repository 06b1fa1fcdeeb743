"""Brings a ledger's tables to the version that this code knows."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from blocks.ledger import migrations
from blocks.ledger.errors import LedgerError
from blocks.ledger.transactions import lock, reading, writing

# A name of its own: the OMS or Prefect may keep their versions in the same database.
VERSION_TABLE = "ledger_alembic_version"


def bring_up_to_date(engine: Engine) -> None:
    """Create or migrate the tables; safe when several processes do so at once.

    LedgerError where a newer release has migrated the ledger further than this one knows.
    """
    config = Config()
    config.set_main_option("script_location", _script_location())
    script = ScriptDirectory.from_config(config)
    with reading(engine) as connection:
        if _is_current(connection, script):
            return
    with writing(engine) as connection:
        lock(connection, "migration")
        if _is_current(connection, script):
            return
        config.attributes["connection"] = connection
        config.attributes["version_table"] = VERSION_TABLE
        command.upgrade(config, "head")


def _script_location() -> str:
    # Alembic expands % in its options.
    return str(Path(migrations.__file__).parent).replace("%", "%%")


def _is_current(connection: Connection, script: ScriptDirectory) -> bool:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    revision = context.get_current_revision()
    known = {step.revision for step in script.walk_revisions()}
    if revision is not None and revision not in known:
        raise LedgerError(
            f"The ledger's tables are of version {revision}, which this release does not know: "
            "a newer release has opened it. Update this one."
        )
    return revision == script.get_current_head()
