"""The step between matching and building: check the month, log the findings, hold back."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from tasks.billing.invoice import Invoice
from tasks.billing.issue import Issue
from tasks.billing.matches import MatchedCustomer
from tasks.billing.wording import text_of
from tasks.checks.all_checks import CUSTOMERS_BOUNDS, findings_of, found_by
from tasks.checks.let_through import hold_back, names_of_nothing
from tasks.checks.month_to_check import MONTHS_LOOKED_BACK, month_to_check
from tasks.load.month_of_services import MonthOfServices
from tasks.run.connections import Connections
from tasks.run.log import run_log


def check_month(
    connections: Connections,
    loaded: MonthOfServices,
    in_easybill: Mapping[str, MatchedCustomer],
    invoices: Collection[Invoice],
    let_through: Collection[str],
    asked: Collection[str] | None = None,
) -> tuple[Issue, ...]:
    """What a person should look at in the month.

    `loaded` and `invoices`, those that are to be sent, are of all customers; the log has what was
    found of those `asked` for, None: of all and of the month. Writes nothing.
    """
    month = month_to_check(
        loaded,
        connections.ledger.totals_before(str(loaded.month), MONTHS_LOOKED_BACK),
        in_easybill,
        connections.bounds,
        is_over=loaded.month.is_over(datetime.now(UTC)),
    )
    of_customers = hold_back(found_by(CUSTOMERS_BOUNDS, month), invoices, let_through)
    stopped = frozenset(issue.customer_number or "" for issue in of_customers if issue.stops)
    seen = findings_of(replace(month, stopped=stopped))
    findings = hold_back(seen, invoices, let_through)
    for finding in findings:
        if not _concerns(finding, asked):
            continue
        log = run_log().error if finding.stops else run_log().warning
        log("%s: %s", finding.name, text_of(finding))
    for name in names_of_nothing(seen, let_through):
        run_log().warning("let_through %s: no check found anything with this name", name)
    return findings


def _concerns(finding: Issue, asked: Collection[str] | None) -> bool:
    if finding.customer_number is None:
        return asked is None or finding.stops
    return asked is None or finding.customer_number in asked
