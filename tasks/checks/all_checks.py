"""All checks, in the order in which a person reads them.

A check is named as the code of its issues; what it can stop is declared with that code.
"""

from collections.abc import Callable, Iterable

from tasks.billing.issue import Issue
from tasks.checks.addresses import no_address
from tasks.checks.e_invoice import mixed_vat, no_buyer_reference, no_vat_id
from tasks.checks.identifiers import buyer_reference_wrong, customer_archived, vat_id_wrong
from tasks.checks.lines import duplicates, invoice_net, line_count, line_net, net_not_positive
from tasks.checks.month_to_check import MonthToCheck
from tasks.checks.totals import (
    first_time,
    gone_quiet,
    month_change,
    month_net,
    no_history,
    unusual_total,
)

Check = Callable[[MonthToCheck], list[Issue]]

E_INVOICE_CHECKS: tuple[Check, ...] = (
    mixed_vat,
    no_vat_id,
    vat_id_wrong,
    no_buyer_reference,
    buyer_reference_wrong,
)
CUSTOMERS_BOUNDS: tuple[Check, ...] = (line_net, invoice_net, line_count)
ALL_CHECKS: tuple[Check, ...] = (
    month_net,
    month_change,
    *CUSTOMERS_BOUNDS,
    unusual_total,
    net_not_positive,
    duplicates,
    first_time,
    gone_quiet,
    no_history,
    customer_archived,
    no_address,
    *E_INVOICE_CHECKS,
)


def findings_of(month: MonthToCheck) -> tuple[Issue, ...]:
    """Everything in the month that a person should look at; reads and writes nothing."""
    left_out = () if month.bounds.e_invoice else E_INVOICE_CHECKS
    return found_by([check for check in ALL_CHECKS if check not in left_out], month)


def found_by(checks: Iterable[Check], month: MonthToCheck) -> tuple[Issue, ...]:
    """What these checks find, in their order."""
    return tuple(issue for check in checks for issue in check(month))
