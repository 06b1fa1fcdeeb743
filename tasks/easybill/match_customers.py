"""Match: who is who in easybill, by customer number; creates customers where that is allowed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from blocks.easybill.client import EasybillClient
from blocks.easybill.errors import EasybillError, NotSent
from blocks.easybill.models import Customer as EasybillCustomer
from blocks.easybill.models import UnreadableEntry
from tasks.billing.address import Address
from tasks.billing.invoice import Customer
from tasks.billing.issue import Issue, IssueCode
from tasks.billing.matches import MatchedCustomer, Matches
from tasks.billing.month import BillingMonth
from tasks.billing.wording import said_of
from tasks.easybill.create_customers import CustomerCreations, customer_body
from tasks.run.connections import Connections
from tasks.run.failures import issue_of
from tasks.run.log import run_log

Found = Mapping[str, Sequence[EasybillCustomer | UnreadableEntry]]


def match_in_account(
    connections: Connections, month: BillingMonth, customers: Collection[Customer], *, preview: bool
) -> Matches:
    """Match the customers, and create those that are missing where the account allows it.

    A preview creates none: it says whom a run would create. The log names the refused.
    """
    found: Found = _found(connections.client_for(month, None), customers)
    creations = CustomerCreations(connections, month)
    missing = [one for one in customers if one.customer_number not in found]
    may_create = connections.account.create_customers
    if may_create and not preview:
        creations.settle(found)
        creations.create(missing)
    to_create = frozenset(one.customer_number for one in missing if may_create and preview)
    others = [one for one in customers if one.customer_number not in to_create]
    matches = replace(
        _matches(month, others, {**found, **creations.found}, creations.refused),
        to_create=to_create,
    )
    for number, issue in sorted(matches.refused.items()):
        run_log().error("customer %s: %s", number, said_of([issue]))
    return matches


def match_customers(
    client: EasybillClient, month: BillingMonth, customers: Collection[Customer]
) -> Matches:
    """Find every customer by number in as few requests as possible; duplicates are refused."""
    return _matches(month, customers, _found(client, customers), {})


def _found(client: EasybillClient, customers: Collection[Customer]) -> Found:
    return client.find_customers([customer.customer_number for customer in customers])


def _matches(
    month: BillingMonth,
    customers: Collection[Customer],
    found: Found,
    not_created: Mapping[str, Issue],
) -> Matches:
    refused = dict(not_created)
    for customer in customers:
        number = customer.customer_number
        if number not in refused:
            issue = _issue_about(month, customer, found.get(number, ()))
            if issue is not None:
                refused[number] = issue
    return Matches(_single(found), refused)


def _issue_about(
    month: BillingMonth, customer: Customer, found: Sequence[EasybillCustomer | UnreadableEntry]
) -> Issue | None:
    number = customer.customer_number
    match found:
        case []:
            known = [f"{key}={value!r}" for key, value in customer_body(customer).items() if value]
            code = IssueCode.NOT_IN_EASYBILL
            return Issue(code, number, str(month), facts={"known": known})
        case [UnreadableEntry() as only]:
            return issue_of(only.error("customer"), number, str(month))
        case [_]:
            return None
    ids = [str(same.id) for same in found]
    return Issue(IssueCode.DUPLICATED_IN_EASYBILL, number, str(month), facts={"ids": ids})


def _single(found: Found) -> dict[str, MatchedCustomer]:
    return {
        number: MatchedCustomer(
            only.id,
            only.vat_identifier,
            only.buyer_reference,
            only.document_pdf_type,
            is_archived=bool(only.archived),
            address=Address(only.street, only.zip_code, only.city),
        )
        for number, (only, *others) in found.items()
        if not others and isinstance(only, EasybillCustomer)
    }


def look_up_others(
    connections: Connections, month: BillingMonth, numbers: Collection[str]
) -> Mapping[str, MatchedCustomer]:
    """What easybill knows of customers to whom nothing is sent; empty where it does not answer."""
    if not numbers:
        return {}
    try:
        return _single(connections.client_for(month, None).find_customers(sorted(numbers)))
    except (EasybillError, NotSent) as error:
        run_log().warning("customers of %s were not looked at: %s", month, error)
        return {}
