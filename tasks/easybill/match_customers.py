"""Match: who is who in easybill, by customer number; creates customers where that is allowed."""

from collections.abc import Collection, Mapping, Sequence

from blocks.easybill.client import EasybillClient
from blocks.easybill.errors import EasybillError, NotSent, OutcomeUnknown, Rejected
from blocks.easybill.models import Customer as EasybillCustomer
from tasks.billing.invoice import Customer
from tasks.billing.issue import Fact, Issue, IssueCode
from tasks.billing.matches import MatchedCustomer, Matches
from tasks.billing.month import BillingMonth
from tasks.billing.wording import sentences_of
from tasks.run.connections import Connections
from tasks.run.failures import CustomerFailure
from tasks.run.log import run_log


def match_customers(
    client: EasybillClient,
    month: BillingMonth,
    customers: Collection[Customer],
    *,
    create_missing: bool,
) -> Matches:
    """Find every customer by number in as few requests as possible; duplicates are refused."""
    found = client.find_customers([customer.customer_number for customer in customers])
    refused: dict[str, Issue] = {}
    for customer in customers:
        number = customer.customer_number
        if not found.get(number):
            try:
                found[number] = [_created(client, month, customer, create=create_missing)]
            except CustomerFailure as failure:
                refused[number] = failure.issue
        elif len(found[number]) > 1:
            ids = [str(same.id) for same in found[number]]
            code = IssueCode.DUPLICATED_IN_EASYBILL
            refused[number] = Issue(code, number, str(month), facts={"ids": ids})
    return Matches(_single(found), refused)


def _single(found: Mapping[str, Sequence[EasybillCustomer]]) -> dict[str, MatchedCustomer]:
    return {
        number: MatchedCustomer(
            same[0].id, same[0].vat_identifier, same[0].buyer_reference, same[0].document_pdf_type
        )
        for number, same in found.items()
        if len(same) == 1
    }


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


def _created(
    client: EasybillClient, month: BillingMonth, customer: Customer, *, create: bool
) -> EasybillCustomer:
    """Create a customer that was just looked up; after a lost answer look before trying again."""
    number, body = customer.customer_number, customer_body(customer)

    def not_created(code: IssueCode, **facts: Fact) -> CustomerFailure:
        return CustomerFailure(Issue(code, number, str(month), facts=facts))

    if not create:
        known = [f"{key}={value!r}" for key, value in body.items() if value]
        raise not_created(IssueCode.NOT_IN_EASYBILL, known=known)
    try:
        return client.create_customer(body)
    except Rejected as error:
        raise not_created(IssueCode.CREATION_REFUSED, said=str(error)) from error
    except OutcomeUnknown as error:
        created = client.find_customers([number]).get(number)
        if created:
            return created[0]
        raise not_created(IssueCode.CREATION_IN_DOUBT, said=str(error)) from error


def match_in_account(
    connections: Connections, month: BillingMonth, customers: Collection[Customer], *, preview: bool
) -> Matches:
    """Look the customers up in the account; a preview creates none. The log names the refused."""
    matches = match_customers(
        connections.client_for(month, None),
        month,
        customers,
        create_missing=connections.account.create_customers and not preview,
    )
    for number, issue in sorted(matches.refused.items()):
        run_log().error("customer %s: %s", number, sentences_of(issue))
    return matches


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
