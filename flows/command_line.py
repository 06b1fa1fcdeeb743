"""The ad-hoc command: the monthly flow without a worker, for a person at a terminal."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from prefect import Flow
from prefect.client.schemas.objects import State
from prefect.exceptions import MissingResult

from blocks.easybill.errors import KeyRefused
from blocks.ledger.errors import LedgerError, LedgerUnavailable
from blocks.oms.errors import OmsContractBroken
from tasks.checks.let_through import known_name
from tasks.report.run_report import RunReport, said_of
from tasks.run.connections import SettingsError, open_connections
from tasks.run.lease import MonthHeld
from tasks.run.resolve_month import resolve_month

DONE, NOT_ALL_INVOICED, NOTHING_DONE = 0, 1, 2
WRONG_SETTINGS = (SettingsError, KeyRefused, OmsContractBroken)


def run_from_command_line(
    monthly_flow: Flow[..., State[Any]], arguments: Sequence[str] | None = None
) -> int:
    """Run the flow; 0: every customer done, 1: some not, 2: bad arguments or settings."""
    options = _parser().parse_args(arguments)
    try:
        month = resolve_month(options.month, preview=options.preview)
        let_through = [known_name(name) for name in options.let_through or ()]
        open_connections()
    except (ValueError, *WRONG_SETTINGS, LedgerError) as error:
        return _say(str(error), NOTHING_DONE)
    state = monthly_flow(
        month=str(month),
        customers=options.customers,
        preview=options.preview,
        let_through=let_through or None,
        return_state=True,
    )
    try:
        outcome = state.result(raise_on_failure=False)
    except MissingResult:
        return _say(state.message or str(state), DONE if state.is_completed() else NOT_ALL_INVOICED)
    if isinstance(outcome, MonthHeld):
        return _say(str(outcome), NOT_ALL_INVOICED)
    if isinstance(outcome, RunReport):
        return _print_report(outcome)
    return _say(state.message or str(outcome), _exit_code(outcome))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m flows.monthly_invoicing",
        description="Every service of a billing month becomes one draft per customer in easybill.",
    )
    parser.add_argument("--month", metavar="YYYY-MM", help="default: the month before this one")
    parser.add_argument(
        "--customer",
        action="append",
        dest="customers",
        metavar="NUMBER",
        help="only this customer; can be given several times",
    )
    parser.add_argument("--preview", action="store_true", help="build the files, send nothing")
    parser.add_argument(
        "--let-through",
        action="append",
        metavar="NAME",
        help="a bound that is not to stop anything, such as invoice_net:K1001; several times",
    )
    return parser


def _print_report(report: RunReport) -> int:
    for number, issues in report.not_invoiced.items():
        sys.stdout.write(f"NOT INVOICED {number}: {said_of(issues)}\n")
    for difference in report.differences:
        sys.stdout.write(f"DIFFERENCE {difference}\n")
    sys.stdout.write(f"{report.headline()}\nFiles: {report.folder}\n")
    return DONE if report.is_complete else NOT_ALL_INVOICED


def _exit_code(outcome: object) -> int:
    if isinstance(outcome, LedgerError) and not isinstance(outcome, LedgerUnavailable):
        return NOTHING_DONE
    return NOTHING_DONE if isinstance(outcome, WRONG_SETTINGS) else NOT_ALL_INVOICED


def _say(message: str, code: int) -> int:
    sys.stderr.write(f"{message}\n")
    return code
