"""Customers from a JSON file, with easybill's field names or with those of the OMS."""

from collections.abc import Mapping
from pathlib import Path

from blocks.easybill.exact_json import Json, decode
from blocks.easybill.sandbox.customers import Customers
from blocks.easybill.sandbox.fields import CUSTOMER
from blocks.easybill.sandbox.refusal import Refused
from blocks.easybill.sandbox.validation import Violations, accepted_customer

_OMS_NAMES = {
    "customer_number": "number",
    "vat_id": "vat_identifier",
    "vat_option": "tax_options",
    "phone_number": "phone_1",
    "email": "emails",
}
# The OMS has them per customer; in easybill they belong to a document.
_OMS_ONLY = ("purchase_order", "currency")


class CustomerFileBroken(Exception):
    """The file with customers cannot be read, or has something else in it."""


def load_customers(file: Path, customers: Customers) -> int:
    """Add the customers whose number is not there yet; returns how many.

    Two customers in the file may have the same number: easybill allows that too.
    """
    known = customers.numbers()
    fresh = [entry for entry in _read(file) if entry[1].get("number") not in known]
    for place, customer in fresh:
        _add(customers, customer, f"{file}, entry {place}")
    return len(fresh)


def _read(file: Path) -> list[tuple[int, Json]]:
    try:
        entries = decode(file.read_bytes())
    except (OSError, ValueError) as error:
        raise CustomerFileBroken(f"{file} cannot be read: {error}") from error
    if not isinstance(entries, list):
        raise CustomerFileBroken(f"{file} must hold a list of customers")
    return [
        (place, _in_easybills_names(entry, f"{file}, entry {place}"))
        for place, entry in enumerate(entries, start=1)
    ]


def _in_easybills_names(entry: object, where: str) -> Json:
    if not isinstance(entry, dict):
        raise CustomerFileBroken(f"{where} is no customer")
    if "customer_number" not in entry:
        return entry
    return {
        _OMS_NAMES.get(str(name), str(name)): [value] if name == "email" else value
        for name, value in entry.items()
        if name not in _OMS_ONLY and value is not None
    }


def _add(customers: Customers, customer: Mapping[str, object], where: str) -> None:
    violations = Violations()
    computed = {"id", "created_at", "updated_at", "display_name"}
    try:
        body = {name: value for name, value in customer.items() if name not in computed}
        accepted = accepted_customer(body, violations)
        if violations:
            known = ", ".join(sorted(name for name in CUSTOMER if name not in computed))
            raise CustomerFileBroken(f"{where}: {violations[0]}; known are {known}")
        customer_id = customer.get("id")
        if customer_id is not None and (
            not isinstance(customer_id, int) or customers.has_id(customer_id)
        ):
            raise CustomerFileBroken(
                f"{where}: the id {customer_id} is no whole number, or is used"
            )
        customers.create(accepted, customer_id)
    except Refused as refused:
        fields = ", ".join(refused.arguments)
        raise CustomerFileBroken(f"{where}: {refused.message} ({fields})") from refused
