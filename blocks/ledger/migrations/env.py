"""Alembic's entrance: migrates over the connection that `migrate.py` has opened and locked."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table=context.config.attributes["version_table"],
    # SQLite rolls back a change of tables too, now that the driver leaves BEGIN to us.
    transactional_ddl=True,
)

with context.begin_transaction():
    context.run_migrations()
