"""What the OMS's user may do beside reading: nothing is needed."""

import os
import re

from sqlalchemy import Connection, text

_PRIVILEGE = text("SELECT has_table_privilege(:relation, 'INSERT, UPDATE, DELETE, TRUNCATE')")
_WRITES = re.compile(r"\b(ALL PRIVILEGES|INSERT|UPDATE|DELETE|DROP)\b")


def may_write(connection: Connection, relations: tuple[str, ...]) -> bool:
    """Whether this user could change the relations (on MariaDB: any table; SQLite: the file)."""
    match connection.dialect.name:
        case "postgresql":
            return any(
                connection.execute(_PRIVILEGE, {"relation": name}).scalar() for name in relations
            )
        case "sqlite":
            _, _, file = connection.exec_driver_sql("PRAGMA database_list").one()
            return os.access(os.fsdecode(file), os.W_OK)
    grants = connection.exec_driver_sql("SHOW GRANTS").scalars()
    return any(_WRITES.search(str(grant).partition(" ON ")[0]) for grant in grants)
