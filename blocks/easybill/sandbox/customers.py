"""Customers: created, changed, found."""

from collections.abc import Mapping

from blocks.easybill.exact_json import Json
from blocks.easybill.sandbox import clock
from blocks.easybill.sandbox.fields import CUSTOMER, defaults
from blocks.easybill.sandbox.filters import CUSTOMER_FILTERS
from blocks.easybill.sandbox.store import Resources, Store, encoded
from blocks.easybill.sandbox.validation import require_a_name

_COLUMNS = tuple(column for _, column in CUSTOMER_FILTERS.values())
_FIRST_NUMBER = 10000


class Customers(Resources):
    """The customers of a sandbox."""

    table = "customers"

    def __init__(self, store: Store, login_id: int) -> None:
        super().__init__(store)
        self._login_id = login_id

    def create(self, accepted: Json, customer_id: int | None = None) -> Json:
        """A new customer; a number is generated where none is given."""
        require_a_name(accepted)
        day = clock.today()
        customer = {
            "id": customer_id,
            **defaults(CUSTOMER),
            "created_at": day,
            "login_id": self._login_id,
            **accepted,
        }
        customer["number"] = customer["number"] or self._next_number()
        with self._store.transaction():
            customer["id"] = self._store.insert("customers", {"id": customer_id, "body": ""})
            return self._save(customer)

    def change(self, customer_id: int, accepted: Json) -> Json:
        """The customer with the fields that were sent; the others stay."""
        customer = {**self.read(customer_id), **accepted}
        require_a_name(customer)
        return self._save(customer)

    def numbers(self) -> set[str]:
        """The numbers of all customers."""
        return {row["number"] for row in self._store.rows("SELECT number FROM customers")}

    def _save(self, customer: Json) -> Json:
        customer["display_name"] = _display_name(customer)
        customer["updated_at"] = clock.now()
        self._store.update("customers", customer["id"], _row(customer))
        return customer

    def _next_number(self) -> str:
        statement = "SELECT max(CAST(number AS INTEGER)) AS top FROM customers"
        found = self._store.row(f"{statement} WHERE number NOT GLOB '*[^0-9]*'")
        top = found["top"] if found else None
        return str(max(_FIRST_NUMBER, (top or 0) + 1))


def _row(customer: Mapping[str, object]) -> dict[str, object]:
    columns = {name: customer.get(name) for name in _COLUMNS}
    for name in ("emails", "additional_groups_ids"):
        columns[name] = encoded(customer[name])
    return {**columns, "body": encoded(customer), "display_name": customer["display_name"]}


def _display_name(customer: Mapping[str, object]) -> str:
    person = " ".join(str(part) for part in (customer["first_name"], customer["last_name"]) if part)
    company = str(customer["company_name"] or "")
    return f"{company} ({person})" if company and person else company or person
