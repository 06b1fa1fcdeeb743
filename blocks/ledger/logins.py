"""Which easybill logins an account name stands for: the rows of `account_logins`."""

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select

from blocks.ledger.errors import AccountMismatch
from blocks.ledger.tables import account_logins
from blocks.ledger.transactions import lock


def recognise_logins(connection: Connection, account: str, login_ids: Collection[int]) -> None:
    """Keep the logins of the account; AccountMismatch where it is known by other ones only."""
    lock(connection, f"logins of {account}")
    new = new_logins(connection, account, login_ids)
    if new:
        now = datetime.now(UTC)
        connection.execute(
            insert(account_logins),
            [
                {"account": account, "login_id": login_id, "first_seen_at": now}
                for login_id in sorted(new)
            ],
        )


def new_logins(connection: Connection, account: str, login_ids: Collection[int]) -> set[int]:
    """Those that the ledger does not know; AccountMismatch as `recognise_logins`."""
    query = select(account_logins.c.login_id).where(account_logins.c.account == account)
    known = set(connection.execute(query).scalars())
    given = set(login_ids)
    if not given:
        raise AccountMismatch(
            f"easybill names no login for this key, so nobody can say whether it is the key of "
            f"account {account!r}. Check EASYBILL_API_KEY."
        )
    if known and not known & given:
        raise AccountMismatch(
            f"This easybill key belongs to login {_listed(given)}, but account {account!r} of the "
            f"ledger to login {_listed(known)}. Use that account's EASYBILL_API_KEY, or give this "
            "key a name of its own as EASYBILL_ACCOUNT."
        )
    return given - known


def _listed(login_ids: Collection[int]) -> str:
    return ", ".join(str(login_id) for login_id in sorted(login_ids))
