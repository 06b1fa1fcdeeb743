"""Checks for e-invoices: what EN 16931 and XRechnung do not allow.

The rules are cited from the validation artefacts of EN 16931 (CEN/TC 434) and of XRechnung (KoSIT).
BR-27, no negative unit price, needs no check here: such a row is refused when the OMS is read.
"""

from collections.abc import Iterable, Sequence

from tasks.checks.check import check
from tasks.checks.findings import Finding, Seen, one_by_one
from tasks.checks.month_to_check import Line, MonthToCheck

SHOWN = 3
# easybill's vat_option -> what it is called, and the rule that asks for the buyer's VAT id.
NEEDS_VAT_ID = {
    "revc": ("reverse charge", "BR-AE-02"),
    "IG": ("an intra-community supply", "BR-IC-02"),
}


@check()
def mixed_vat(month: MonthToCheck) -> list[Finding]:
    """A line at 0 % beside taxed ones.

    BR-O-11: an invoice with a VAT breakdown "Not subject to VAT" shall contain no other VAT
    breakdown. BR-O-12: nor a line that is not "Not subject to VAT". A fee that is damages is such
    a line. Where 0 % means exempt or zero-rated, both are allowed together: a person decides.
    """
    seen = []
    for number, lines in month.lines.items():
        untaxed = [line for line in lines if line.item.vat_percent == 0]
        if untaxed and len(untaxed) < len(lines):
            message = (
                f"0 % VAT beside taxed lines: {_services(untaxed)}; an e-invoice with lines that"
                " are not subject to VAT, such as damages, must have no other lines (BR-O-11,"
                " BR-O-12): give them a draft of their own"
            )
            seen.append(Seen(number, sum(line.net_cents for line in untaxed), message))
    return one_by_one(mixed_vat.name, seen, month.bounds.listed)


@check()
def no_vat_id(month: MonthToCheck) -> list[Finding]:
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
        vat_id = customer.vat_id if theirs is None else theirs.vat_identifier
        if _is_blank(vat_id):
            what, rule = NEEDS_VAT_ID[customer.vat_option]
            has = "easybill lacks" if theirs is not None else "the OMS lacks"
            known = "" if _is_blank(customer.vat_id) else f"; the OMS has {customer.vat_id}"
            message = f"{what}, but {has} the customer's VAT id ({rule}){known}"
            seen.append(Seen(number, month.net_cents(number), message))
    return one_by_one(no_vat_id.name, seen, month.bounds.listed)


@check()
def no_buyer_reference(month: MonthToCheck) -> list[Finding]:
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
            message = (
                "gets an XRechnung, but has no buyer reference (Leitweg-ID), neither in the OMS nor"
                " in easybill (BR-DE-15)"
            )
            seen.append(Seen(number, month.net_cents(number), message))
    return one_by_one(no_buyer_reference.name, seen, month.bounds.listed)


def _is_blank(text: str | None) -> bool:
    return text is None or not text.strip()


def _services(lines: Sequence[Line]) -> str:
    ids: Iterable[str] = dict.fromkeys(line.item.service_id for line in lines)
    named = list(ids)
    more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
    return f"{'service' if len(named) == 1 else 'services'} {', '.join(named[:SHOWN])}{more}"
