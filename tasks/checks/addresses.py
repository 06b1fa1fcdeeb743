"""The check of addresses: an invoice needs the customer's (§ 14 (4) no. 1 UStG)."""

from tasks.billing.address import Address
from tasks.billing.issue import Fact, Issue, IssueCode
from tasks.checks.month_to_check import MonthToCheck
from tasks.checks.seen import Seen, each_or_in_one_sum


def no_address(month: MonthToCheck) -> list[Issue]:
    """Street or place is missing in easybill, or the OMS has another address.

    The invoice takes it from easybill's customer; where easybill does not know the customer yet,
    the OMS's counts.
    """
    seen = []
    for number in month.lines:
        customer, theirs = month.customers.get(number), month.in_easybill.get(number)
        if customer is None:
            continue
        ours = Address(customer.street, customer.zip_code, customer.city)
        address = ours if theirs is None else theirs.address
        missing = address.missing_beside(ours)
        if not missing and address.agrees_with(ours):
            continue
        facts: dict[str, Fact] = {
            "missing": missing,
            "is_in_easybill": theirs is not None,
            "in_easybill": address.in_one_line,
            "in_oms": ours.in_one_line,
        }
        seen.append(Seen(number, month.net_cents(number), facts))
    return each_or_in_one_sum(IssueCode.NO_ADDRESS, month, seen)
