"""All that a run imports, also what it imports only when it first needs it; then hands off."""

import gc
from importlib import import_module

for name in (
    "tests.crash.driver",
    "hypothesis",
    "pandera.backends.polars.builtin_checks",
    "psycopg",
    "pytest",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
):
    import_module(name)

# A collection in a forked process would touch, and so copy, all of this: half of its time.
gc.collect()
gc.freeze()
