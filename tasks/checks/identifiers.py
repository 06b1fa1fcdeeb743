"""Checks of identifiers that cannot be right, and of customers that are archived in easybill.

Form and check digits are looked at; whether the identifier is the customer's, nobody here asks.
"""

import re

from stdnum.de import leitweg
from stdnum.eu import vat

from tasks.billing.issue import Fact, Issue, IssueCode
from tasks.checks.month_to_check import MonthToCheck
from tasks.checks.seen import Seen, one_by_one

# Greece writes EL before its VAT ids.
EU_PREFIXES = frozenset({*vat.MEMBER_STATES, "el"})
# Other buyer references have forms of their own, so only what looks like one is judged.
LIKE_A_LEITWEG_ID = re.compile(r"\d{2,12}(-[A-Za-z0-9]{1,30})?-\d{2}")


def vat_id_wrong(month: MonthToCheck) -> list[Issue]:
    """A VAT id of a member state of the EU whose form or check digits are wrong.

    The invoice takes it from easybill's customer; where that has none, the OMS's counts.
    """
    seen = []
    for number in month.lines:
        customer, theirs = month.customers.get(number), month.in_easybill.get(number)
        in_easybill = ((theirs and theirs.vat_id) or "").strip()
        vat_id = in_easybill or ((customer and customer.vat_id) or "").strip()
        if vat_id[:2].lower() in EU_PREFIXES and not vat.is_valid(vat_id):
            facts: dict[str, Fact] = {"vat_id": vat_id, "is_in_easybill": bool(in_easybill)}
            seen.append(Seen(number, month.net_cents(number), facts))
    return one_by_one(IssueCode.VAT_ID_WRONG, month, seen)


def buyer_reference_wrong(month: MonthToCheck) -> list[Issue]:
    """A Leitweg-ID whose check digits are wrong. The draft takes the OMS's where it has one."""
    seen = []
    for number in month.lines:
        customer, theirs = month.customers.get(number), month.in_easybill.get(number)
        ours = ((customer and customer.buyer_reference) or "").strip()
        reference = ours or ((theirs and theirs.buyer_reference) or "").strip()
        if LIKE_A_LEITWEG_ID.fullmatch(reference) and not leitweg.is_valid(reference):
            facts: dict[str, Fact] = {"buyer_reference": reference, "is_in_easybill": not ours}
            seen.append(Seen(number, month.net_cents(number), facts))
    return one_by_one(IssueCode.BUYER_REFERENCE_WRONG, month, seen)


def customer_archived(month: MonthToCheck) -> list[Issue]:
    """A customer that somebody archived in easybill."""
    seen = [
        Seen(number, month.net_cents(number))
        for number in month.lines
        if (theirs := month.in_easybill.get(number)) is not None and theirs.is_archived
    ]
    return one_by_one(IssueCode.CUSTOMER_ARCHIVED, month, seen)
