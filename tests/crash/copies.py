"""PostgreSQL databases that are made to hold what an original holds, again and again."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self

from sqlalchemy import URL, Engine, create_engine, delete, func, insert, select, text
from sqlalchemy.pool import NullPool

from blocks.ledger.tables import metadata
from tests.crash.place import a_database

# Rows are copied with their numbers, which the database must not give out anew.
FIRST_NEW_ID = 1_000_000


class Copies:
    """Copies of ledgers; to make or drop a database takes PostgreSQL longer than a run of ours."""

    def __init__(self, server: URL | None) -> None:
        self._server = server
        self._rows: dict[str, dict[str, list[dict[str, Any]]]] = {}
        self._spare: SimpleQueue[str] = SimpleQueue()
        self._made = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._made.close()

    def learn(self, original: str) -> None:
        """Read what copies of this database are to hold."""
        if self._server is None:
            return
        with self._engine(original).connect() as connection:
            self._rows[original] = {
                table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
                for table in metadata.sorted_tables
            }

    @contextmanager
    def one(self, original: str) -> Iterator[str]:
        """The name of a database that is like the original; "" without a server."""
        if self._server is None:
            yield ""
            return
        try:
            database = self._spare.get_nowait()
        except Empty:
            database = self._made.enter_context(a_database(self._server, original))
        self._restore(database, self._rows[original])
        yield database
        self._spare.put(database)

    def _restore(self, database: str, rows: dict[str, list[dict[str, Any]]]) -> None:
        with self._engine(database).begin() as connection:
            # Or the log would refuse to be emptied.
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for table in reversed(metadata.sorted_tables):
                connection.execute(delete(table))
            for table in metadata.sorted_tables:
                if rows[table.name]:
                    connection.execute(insert(table), rows[table.name])
                if "id" in table.c:
                    sequence = func.pg_get_serial_sequence(table.name, "id")
                    connection.execute(select(func.setval(sequence, FIRST_NEW_ID)))

    def _engine(self, database: str) -> Engine:
        assert self._server is not None
        return create_engine(self._server.set(database=database), poolclass=NullPool)
