"""Match: who is who in easybill, by customer number; creates customers where that is allowed."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from blocks.easybill.client import EasybillClient
from blocks.easybill.errors import OutcomeUnknown, Rejected
from blocks.easybill.models import Customer as EasybillCustomer
from tasks.billing.invoice import Customer
from tasks.billing.month import BillingMonth
from tasks.run.connections import Connections
from tasks.run.log import run_log


@dataclass(frozen=True, slots=True)
class Matches:
    """easybill's ids by customer number, why some have none, and what easybill knows of them."""

    ids: dict[str, int]
    refusals: dict[str, str]
    found: dict[str, EasybillCustomer] = field(default_factory=dict)


def match_customers(
    client: EasybillClient, customers: Collection[Customer], *, create_missing: bool
) -> Matches:
    """Find every customer by number in as few requests as possible; a double is refused."""
    found = client.find_customers([customer.customer_number for customer in customers])
    missing = [customer for customer in customers if not found.get(customer.customer_number)]
    refusals: dict[str, str] = {}
    for customer in missing:
        if create_missing:
            try:
                found[customer.customer_number] = [_create(client, customer)]
            except Rejected as error:
                refusals[customer.customer_number] = f"easybill refuses to create it: {error}"
            except OutcomeUnknown as error:
                refusals[customer.customer_number] = (
                    f"creating it in easybill had no clear answer ({error}); run again: it is"
                    " looked up before it is created"
                )
        else:
            refusals[customer.customer_number] = _missing(customer)
    doubles = {number: matches for number, matches in found.items() if len(matches) > 1}
    refusals.update({number: _double(number, matches) for number, matches in doubles.items()})
    single = {number: matches[0] for number, matches in found.items() if len(matches) == 1}
    ids = {number: customer.id for number, customer in single.items()}
    return Matches(ids, refusals, single)


def customer_body(customer: Customer) -> dict[str, object]:
    """The body of `POST /customers`: what the OMS knows, in easybill's names."""
    body: dict[str, object | None] = {
        "number": customer.customer_number,
        "company_name": customer.company_name,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "emails": [customer.email] if customer.email else None,
        "phone_1": customer.phone_number,
        "street": customer.street,
        "zip_code": customer.zip_code,
        "city": customer.city,
        "state": customer.state,
        "country": customer.country,
        "vat_identifier": customer.vat_id,
        "tax_options": customer.vat_option if customer.vat_option != "smallBusiness" else None,
        "buyer_reference": customer.buyer_reference,
    }
    # easybill asks for these two names even where one is empty.
    obligatory = {"company_name": customer.company_name, "last_name": customer.last_name}
    return {key: value for key, value in body.items() if value is not None} | obligatory


def _create(client: EasybillClient, customer: Customer) -> EasybillCustomer:
    """Create a customer that was just looked up; after a lost answer look before trying again."""
    try:
        return client.create_customer(customer_body(customer))
    except OutcomeUnknown:
        created = client.find_customers([customer.customer_number]).get(customer.customer_number)
        if created:
            return created[0]
        raise


def _missing(customer: Customer) -> str:
    known = ", ".join(f"{key}={value!r}" for key, value in customer_body(customer).items() if value)
    return (
        f"easybill has no customer with number {customer.customer_number}; create it there"
        f" ({known}), or set EASYBILL_CREATE_CUSTOMERS=true"
    )


def _double(number: str, matches: Iterable[EasybillCustomer]) -> str:
    ids = ", ".join(str(customer.id) for customer in matches)
    return f"easybill has several customers with number {number} (ids {ids}): keep one"


def match_in_account(
    connections: Connections, month: BillingMonth, customers: Collection[Customer], *, preview: bool
) -> Matches:
    """Look the customers up in the account; a preview creates none. The log names the refused."""
    matches = match_customers(
        connections.client_for(month, None),
        customers,
        create_missing=connections.account.create_customers and not preview,
    )
    for number, reason in sorted(matches.refusals.items()):
        run_log().error("customer %s: %s", number, reason)
    return matches
