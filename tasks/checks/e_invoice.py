"""Checks for e-invoices: what EN 16931 and XRechnung do not allow.

The rules are cited from the validation artefacts of EN 16931 (CEN/TC 434) and of XRechnung (KoSIT).
BR-27, no negative unit price, needs no check here: such a row is refused when the OMS is read.
"""

from tasks.billing.issue import Fact, Issue, IssueCode
from tasks.checks.month_to_check import MonthToCheck
from tasks.checks.seen import Seen, one_by_one

SHOWN = 3
# The rule that asks for the buyer's VAT id, by easybill's vat_option.
NEEDS_VAT_ID = {"revc": "BR-AE-02", "IG": "BR-IC-02"}


def mixed_vat(month: MonthToCheck) -> list[Issue]:
    """A line at 0 % beside taxed ones.

    BR-O-11: an invoice with a VAT breakdown "Not subject to VAT" shall contain no other VAT
    breakdown. BR-O-12: nor a line that is not "Not subject to VAT". A fee that is damages is such
    a line. Where 0 % means exempt or zero-rated, both are allowed together: a person decides.
    """
    seen = []
    for number, lines in month.lines.items():
        untaxed = [line for line in lines if line.item.vat_percent == 0]
        if untaxed and len(untaxed) < len(lines):
            ids = list(dict.fromkeys(line.item.service_id for line in untaxed))
            facts: dict[str, Fact] = {
                "service_ids": ids[:SHOWN],
                "more_count": max(len(ids) - SHOWN, 0),
            }
            seen.append(Seen(number, sum(line.net_cents for line in untaxed), facts))
    return one_by_one(IssueCode.MIXED_VAT, month, seen)


def no_vat_id(month: MonthToCheck) -> list[Issue]:
    """Reverse charge or an intra-community supply without the buyer's VAT id.

    BR-AE-02 asks for the buyer's VAT identifier (BT-48) or legal registration (BT-47), BR-IC-02 for
    the VAT identifier. The invoice takes it from easybill's customer, so that one counts; where
    easybill does not know the customer yet, the OMS's counts.
    """
    seen = []
    for number in month.lines:
        customer, theirs = month.customers.get(number), month.in_easybill.get(number)
        if customer is None or customer.vat_option not in NEEDS_VAT_ID:
            continue
        vat_id = customer.vat_id if theirs is None else theirs.vat_id
        if _is_blank(vat_id):
            facts: dict[str, Fact] = {
                "vat_option": customer.vat_option,
                "rule": NEEDS_VAT_ID[customer.vat_option],
                "is_in_easybill": theirs is not None,
                "known": None if _is_blank(customer.vat_id) else customer.vat_id,
            }
            seen.append(Seen(number, month.net_cents(number), facts))
    return one_by_one(IssueCode.NO_VAT_ID, month, seen)


def no_buyer_reference(month: MonthToCheck) -> list[Issue]:
    """An XRechnung without buyer reference (Leitweg-ID).

    BR-DE-15: the element "Buyer reference" (BT-10) must be transmitted. Who gets an XRechnung is
    easybill's `document_pdf_type` of the customer.
    """
    seen = []
    for number in month.lines:
        customer, theirs = month.customers.get(number), month.in_easybill.get(number)
        if customer is None or theirs is None:
            continue
        is_xrechnung = (theirs.document_pdf_type or "").startswith("xrechnung")
        if (
            is_xrechnung
            and _is_blank(customer.buyer_reference)
            and _is_blank(theirs.buyer_reference)
        ):
            seen.append(Seen(number, month.net_cents(number)))
    return one_by_one(IssueCode.NO_BUYER_REFERENCE, month, seen)


def _is_blank(text: str | None) -> bool:
    return text is None or not text.strip()
