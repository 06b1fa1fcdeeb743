"""The ad-hoc command: the monthly flow without a worker, for a person at a terminal."""

import sys
from collections.abc import Sequence
from typing import Any

from prefect import Flow
from prefect.client.schemas.objects import State
from prefect.exceptions import MissingResult
from prefect.settings import PREFECT_SERVER_LOGGING_LEVEL, temporary_settings

from blocks.easybill.errors import KeyRefused
from blocks.ledger.errors import LedgerError, LedgerUnavailable
from blocks.oms.errors import OmsContractBroken
from blocks.saved import SettingsError
from flows.arguments import parser
from flows.parameters import require_customers
from tasks.billing.month import BillingMonth
from tasks.billing.wording import said_of
from tasks.checks.let_through import known_name
from tasks.report.run_report import RunReport
from tasks.run.connections import open_connections
from tasks.run.lease import MonthHeld
from tasks.run.resolve_month import require_billed, resolve_month
from tasks.run.run_failure import NotDone

DONE, NOT_ALL_INVOICED, NOTHING_DONE = 0, 1, 2
WRONG_SETTINGS = (SettingsError, KeyRefused, OmsContractBroken)


def run_from_command_line(
    monthly_flow: Flow[..., State[Any]], arguments: Sequence[str] | None = None
) -> int:
    """Run the flow; 0: every customer done, 1: some not, 2: bad arguments or settings."""
    options = parser().parse_args(arguments)
    is_preview = options.preview or options.compare
    try:
        month = resolve_month(options.month, preview=is_preview)
        require_customers(options.customers, bill_again=options.bill_again)
        let_through = [known_name(name) for name in options.let_through or ()]
        connections = open_connections(options.account)
        if not is_preview:
            require_billed(month, connections.invoicing_from)
    except (ValueError, *WRONG_SETTINGS, LedgerError) as error:
        return _say(str(error), NOTHING_DONE)
    state = _run(
        monthly_flow,
        month=str(month),
        customers=options.customers,
        preview=options.preview,
        compare=options.compare,
        bill_late=options.bill_late,
        recreate_deleted=options.recreate_deleted,
        bill_again=options.bill_again,
        let_through=let_through or None,
        account=options.account,
    )
    try:
        outcome = state.result(raise_on_failure=False)
    except MissingResult:
        return _say(state.message or str(state), DONE if state.is_completed() else NOT_ALL_INVOICED)
    if isinstance(outcome, NotDone):
        outcome = outcome.cause
    if isinstance(outcome, MonthHeld):
        return _say(str(outcome), NOT_ALL_INVOICED)
    if isinstance(outcome, RunReport):
        return _print_report(outcome, state.message or outcome.headline())
    return _say(state.message or str(outcome), _exit_code(outcome))


def run_and_say(flow: Flow[..., State[Any]], *, account: str | None, **parameters: object) -> int:
    """Run a flow and print how it ended; 0: done, 1: not, 2: bad arguments or settings."""
    try:
        if "month" in parameters:
            BillingMonth.parse(str(parameters["month"]))
        open_connections(account)
    except (ValueError, *WRONG_SETTINGS, LedgerError) as error:
        return _say(str(error), NOTHING_DONE)
    state = _run(flow, **parameters, account=account)
    if not state.is_completed():
        return _say(state.message or str(state), NOT_ALL_INVOICED)
    sys.stdout.write(f"{state.message}\n")
    return DONE


def _run(flow: Flow[..., State[Any]], **parameters: object) -> State[Any]:
    # When it is stopped, Prefect's temporary server logs tracebacks of services of its own.
    with temporary_settings(set_defaults={PREFECT_SERVER_LOGGING_LEVEL: "CRITICAL"}):
        return flow(**parameters, return_state=True)


def _print_report(report: RunReport, said: str) -> int:
    for number, issues in report.not_invoiced.items():
        sys.stdout.write(f"NOT INVOICED {number}: {said_of(issues)}\n")
    for difference in report.differences:
        sys.stdout.write(f"DIFFERENCE {difference}\n")
    for row in report.comparison.unequal if report.comparison is not None else ():
        sys.stdout.write(f"NOT EQUAL {row}\n")
    sys.stdout.write(f"{said}\nFiles: {report.folder}\n")
    return DONE if report.is_complete else NOT_ALL_INVOICED


def _exit_code(outcome: object) -> int:
    if isinstance(outcome, LedgerError) and not isinstance(outcome, LedgerUnavailable):
        return NOTHING_DONE
    return NOTHING_DONE if isinstance(outcome, WRONG_SETTINGS) else NOT_ALL_INVOICED


def _say(message: str, code: int) -> int:
    sys.stderr.write(f"{message}\n")
    return code
