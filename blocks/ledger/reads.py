"""What can be read from the ledger."""

from collections.abc import Collection

from sqlalchemy import BigInteger, Engine, Select, cast, func, select

from blocks.ledger import claims, customers
from blocks.ledger.records import (
    ApiCallRow,
    BilledLine,
    Claim,
    CustomerCreation,
    CustomerTotals,
    Export,
)
from blocks.ledger.statements import KEY, export_of, find_export
from blocks.ledger.states import DraftState
from blocks.ledger.tables import acceptances, account_logins, api_calls, billed_services, exports
from blocks.ledger.transactions import reading

# Each has tens of lines, whose rows are in memory twice until they are values.
_EXPORTS_AT_A_TIME = 250


class LedgerReads:
    """The questions to the ledger of one easybill account."""

    def __init__(self, engine: Engine, account: str) -> None:
        self.account = account
        self._engine = engine

    def exports(self, month: str) -> list[Export]:
        """List the month's exports by customer number and sequence."""
        query = self._month(month).order_by(exports.c.customer_number, exports.c.sequence)
        with reading(self._engine) as connection:
            return [export_of(row) for row in connection.execute(query).mappings()]

    def find_export(self, month: str, customer_number: str, sequence: int) -> Export | None:
        """Read the export as it is now; None where there is none yet."""
        key = (self.account, month, customer_number, sequence)
        with reading(self._engine) as connection:
            return find_export(connection, dict(zip(KEY, key, strict=True)))

    def find_draft(self, document_id: int) -> Export | None:
        """Read the export whose draft has this id in easybill, of any month."""
        query = (
            select(exports)
            .where(exports.c.account == self.account, exports.c.document_id == document_id)
            .order_by(exports.c.id)
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else export_of(row)

    def months_before(self, month: str) -> list[str]:
        """List the earlier months that have exports in any state, the oldest first."""
        query = (
            select(exports.c.month)
            .distinct()
            .where(exports.c.account == self.account, exports.c.month < month)
            .order_by(exports.c.month)
        )
        with reading(self._engine) as connection:
            return list(connection.execute(query).scalars())

    def totals_before(self, month: str, months: int) -> list[CustomerTotals]:
        """Add up each customer's drafts of the newest earlier months that have any.

        A cancelled invoice counts no more. At most `months` months, by month and customer number.
        """
        drafted = (
            exports.c.account == self.account,
            exports.c.month < month,
            exports.c.document_id.is_not(None),
            exports.c.draft_state.is_distinct_from(str(DraftState.CANCELLED)),
        )
        newest = (
            select(exports.c.month)
            .distinct()
            .where(*drafted)
            .order_by(exports.c.month.desc())
            .limit(months)
            .subquery()
        )
        key = (exports.c.month, exports.c.customer_number)
        sums = (exports.c.line_count, exports.c.net_cents, exports.c.gross_cents)
        query = (
            # PostgreSQL's sum of a bigint is a numeric.
            select(*key, func.count(), *(cast(func.sum(column), BigInteger) for column in sums))
            .where(*drafted, exports.c.month.in_(select(newest.c.month)))
            .group_by(*key)
            .order_by(*key)
        )
        with reading(self._engine) as connection:
            return [CustomerTotals(*row) for row in connection.execute(query)]

    def billed_lines(self, lines: Collection[BilledLine]) -> dict[BilledLine, Claim]:
        """Find which of the lines are claimed, by which export, and as what they were billed."""
        with reading(self._engine) as connection:
            return claims.find_claims(connection, self.account, lines)

    def claims_of(self, month: str) -> dict[BilledLine, Claim]:
        """List all the lines that the month's exports hold."""
        of_month = select(exports.c.id).where(
            exports.c.account == self.account, exports.c.month == month
        )
        found: dict[BilledLine, Claim] = {}
        with reading(self._engine) as connection:
            # In one query PostgreSQL may compare each line with each export: a ledger that has
            # just been filled has no statistics yet.
            of_exports = connection.execute(of_month).scalars().all()
            for ids in claims.chunks(of_exports, _EXPORTS_AT_A_TIME):
                holds = claims.is_among(billed_services.c.export, ids)
                found |= claims.read_claims(connection, self.account, holds)
        return found

    def lines_of(self, export: Export) -> frozenset[BilledLine]:
        """Read which lines the export holds now."""
        query = select(billed_services.c.service_id, billed_services.c.kind).where(
            billed_services.c.account == self.account,
            billed_services.c.export == export.id,
            claims.IS_HELD,
        )
        with reading(self._engine) as connection:
            return frozenset(BilledLine(*row) for row in connection.execute(query))

    def left_out(self, month: str) -> frozenset[int]:
        """Read the ids of the documents beside which a person accepted another one."""
        query = select(acceptances.c.other_document_ids).where(
            acceptances.c.account == self.account, acceptances.c.month == month
        )
        with reading(self._engine) as connection:
            found = connection.execute(query).scalars()
            return frozenset(int(id_) for ids in found for id_ in ids.split())

    def calls(self, month: str) -> list[ApiCallRow]:
        """List the month's HTTP attempts in the order in which they were recorded."""
        query = (
            select(api_calls)
            .where(api_calls.c.account == self.account, api_calls.c.month == month)
            .order_by(api_calls.c.id)
        )
        with reading(self._engine) as connection:
            return [ApiCallRow(**row) for row in connection.execute(query).mappings()]

    def customer_creations(self, customer_numbers: Collection[str]) -> dict[str, CustomerCreation]:
        """Find the newest attempt to create each of these customers, if there was any."""
        with reading(self._engine) as connection:
            return customers.find_creations(connection, self.account, customer_numbers)

    def known_logins(self) -> list[int]:
        """List the easybill logins that the account is known by."""
        query = (
            select(account_logins.c.login_id)
            .where(account_logins.c.account == self.account)
            .order_by(account_logins.c.login_id)
        )
        with reading(self._engine) as connection:
            return list(connection.execute(query).scalars())

    def _month(self, month: str) -> Select[tuple[object, ...]]:
        return select(exports).where(exports.c.account == self.account, exports.c.month == month)
