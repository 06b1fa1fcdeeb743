"""All checks, in the order in which a person reads them.

A check is named as the code of its issues; what it can stop is declared with that code.
"""

from collections.abc import Callable

from tasks.billing.issue import Issue
from tasks.checks.e_invoice import mixed_vat, no_buyer_reference, no_vat_id
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

E_INVOICE_CHECKS: tuple[Check, ...] = (mixed_vat, no_vat_id, no_buyer_reference)
ALL_CHECKS: tuple[Check, ...] = (
    month_net,
    month_change,
    line_net,
    invoice_net,
    line_count,
    unusual_total,
    net_not_positive,
    duplicates,
    first_time,
    gone_quiet,
    no_history,
    *E_INVOICE_CHECKS,
)


def findings_of(month: MonthToCheck) -> tuple[Issue, ...]:
    """Everything in the month that a person should look at; reads and writes nothing."""
    left_out = () if month.bounds.e_invoice else E_INVOICE_CHECKS
    checks = [check for check in ALL_CHECKS if check not in left_out]
    return tuple(issue for check in checks for issue in check(month))
