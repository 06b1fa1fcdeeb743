"""The step between matching and building: check the month, log the findings, hold back."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from blocks.easybill.errors import EasybillError, NotSent
from blocks.easybill.models import Customer as EasybillCustomer
from tasks.billing.invoice import Invoice
from tasks.checks.all_checks import findings_of
from tasks.checks.findings import Finding
from tasks.checks.let_through import hold_back, names_of_nothing
from tasks.checks.month_to_check import MONTHS_LOOKED_BACK, month_to_check
from tasks.easybill.match_customers import Matches
from tasks.load.month_of_services import MonthOfServices
from tasks.run.connections import Connections
from tasks.run.log import run_log


def check_month(
    connections: Connections,
    loaded: MonthOfServices,
    matches: Matches,
    invoices: Iterable[Invoice],
    let_through: Collection[str],
) -> tuple[Finding, ...]:
    """What a person should look at in the month; each finding is logged, too.

    `loaded` and `invoices`, those that are to be sent, are of all customers. Writes nothing.
    """
    month = month_to_check(
        loaded,
        connections.ledger.totals_before(str(loaded.month), MONTHS_LOOKED_BACK),
        matches.found | _others_in_easybill(connections, loaded, matches),
        connections.bounds,
        is_over=loaded.month.is_over(datetime.now(UTC)),
    )
    seen = findings_of(month)
    findings = hold_back(seen, invoices, let_through)
    for finding in findings:
        say = run_log().error if finding.stops else run_log().warning
        say("%s: %s", finding.name, finding.message)
    for name in names_of_nothing(seen, let_through):
        run_log().warning("let_through %s: no check found anything with this name", name)
    return findings


def _others_in_easybill(
    connections: Connections, loaded: MonthOfServices, matches: Matches
) -> dict[str, EasybillCustomer]:
    """The customers of the month to whom this run sends nothing, as easybill knows them."""
    others = loaded.lines.keys() - matches.found.keys() - matches.refusals.keys()
    if not others or not connections.bounds.e_invoice:
        return {}
    client = connections.client_for(loaded.month, None)
    try:
        found = client.find_customers(sorted(others))
    except (EasybillError, NotSent) as error:
        run_log().warning("customers of %s were not looked at: %s", loaded.month, error)
        return {}
    return {number: same[0] for number, same in found.items() if len(same) == 1}
