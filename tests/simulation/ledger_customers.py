"""Who creates which customer, as a process of a story learns it from the ledger."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from blocks.ledger.ledger import CustomerCreation
from tests.simulation.ledger_layouts import SimLayouts
from tests.simulation.ledger_tables import LedgerTables


class SimCreations(SimLayouts):
    """The methods of `Ledger` about `created_customers`, none of its database."""

    _tables: LedgerTables
    _now: Callable[[], datetime]
    _around: Callable[[str, Callable[[], Any]], Any]

    def customer_creations(self, customer_numbers: Collection[str]) -> dict[str, CustomerCreation]:
        rows = self._tables.creations
        found: dict[str, CustomerCreation] = self._around(
            "customer_creations", lambda: {n: rows[n] for n in customer_numbers if n in rows}
        )
        return found

    def announce_customer(
        self,
        customer_number: str,
        *,
        instead_of: CustomerCreation | None = None,
        flow_run_id: str | None,
    ) -> CustomerCreation | None:
        def announce() -> CustomerCreation | None:
            if self._lease is not None:
                self._tables.require_lease(self._lease)
            return self._tables.announce_customer(
                customer_number, instead_of, flow_run_id, self._now()
            )

        announced: CustomerCreation | None = self._around(
            f"announce_customer {customer_number}", announce
        )
        return announced

    def settle_customer(self, creation: CustomerCreation, easybill_id: int | None) -> None:
        self._around(
            f"settle_customer {creation.customer_number}",
            lambda: self._tables.settle_customer(creation, easybill_id),
        )
