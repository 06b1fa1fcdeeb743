"""Which run creates which customer in easybill: the rows of `created_customers`."""

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import Connection, RowMapping, and_, or_, select, update

from blocks.ledger.claims import chunks
from blocks.ledger.records import CustomerCreation
from blocks.ledger.statements import insert_into
from blocks.ledger.states import CreationState
from blocks.ledger.tables import created_customers

_column = created_customers.c


def find_creations(
    connection: Connection, account: str, customer_numbers: Collection[str]
) -> dict[str, CustomerCreation]:
    """Find the newest attempt to create each of these customers, if there was any."""
    found: dict[str, CustomerCreation] = {}
    for numbers in chunks(customer_numbers):
        query = select(created_customers).where(
            _column.account == account, _column.customer_number.in_(numbers)
        )
        for row in connection.execute(query).mappings():
            found[row[_column.customer_number]] = _creation_of(row)
    return found


def announce_creation(
    connection: Connection,
    account: str,
    customer_number: str,
    instead_of: CustomerCreation | None,
    flow_run_id: str | None,
) -> CustomerCreation | None:
    """Say that the customer is about to be created; None where that is another's to do."""
    values = {
        "state": str(CreationState.SENDING),
        "attempts": 1,
        "easybill_id": None,
        "flow_run_id": flow_run_id,
        "at": datetime.now(UTC),
    }
    may_be_taken = _column.state == str(CreationState.NOT_CREATED)
    if instead_of is not None:
        is_as_read = and_(
            _column.state == instead_of.state, _column.attempts == instead_of.attempts
        )
        may_be_taken = or_(may_be_taken, is_as_read)
    announced = (
        insert_into(connection, created_customers)
        .values(account=account, customer_number=customer_number, **values)
        .on_conflict_do_update(
            index_elements=["account", "customer_number"],
            set_={**values, "attempts": _column.attempts + 1},
            where=may_be_taken,
        )
        .returning(created_customers)
    )
    row = connection.execute(announced).mappings().one_or_none()
    return None if row is None else _creation_of(row)


def settle_creation(
    connection: Connection, creation: CustomerCreation, easybill_id: int | None
) -> None:
    """Say what became of it, unless that is known already or another has taken it over."""
    state = CreationState.NOT_CREATED if easybill_id is None else CreationState.CREATED
    connection.execute(
        update(created_customers)
        .where(
            _column.account == creation.account,
            _column.customer_number == creation.customer_number,
            _column.state == str(CreationState.SENDING),
            _column.state == str(CreationState.SENDING),
            _column.attempts == creation.attempts,
        )
        .values(state=str(state), easybill_id=easybill_id)
    )


def _creation_of(row: RowMapping) -> CustomerCreation:
    return CustomerCreation(**{column.name: row[column] for column in created_customers.c})
