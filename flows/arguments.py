"""What can be given to the flows from a terminal; imports nothing that takes its time."""

import argparse

from blocks.account_name import add_account


def add_customers(parser: argparse.ArgumentParser) -> None:
    """Let the command be for some customers only."""
    parser.add_argument(
        "--customer",
        action="append",
        dest="customers",
        metavar="NUMBER",
        help="only this customer; can be given several times",
    )


def parser() -> argparse.ArgumentParser:
    """The arguments of the monthly flow."""
    command = argparse.ArgumentParser(
        prog="python -m flows.monthly_invoicing",
        description="Every service of a billing month becomes one draft per customer in easybill.",
    )
    command.add_argument("--month", metavar="YYYY-MM", help="default: the month before this one")
    add_customers(command)
    command.add_argument("--preview", action="store_true", help="build the files, send nothing")
    command.add_argument(
        "--compare",
        action="store_true",
        help="preview, and compare with what easybill has of the month by hand",
    )
    command.add_argument(
        "--bill-late", action="store_true", help="bill what earlier months still owe, too"
    )
    command.add_argument(
        "--recreate-deleted",
        action="store_true",
        help="bill again the services of a draft that was deleted in easybill",
    )
    command.add_argument(
        "--bill-again",
        action="store_true",
        help="bill once more the services of invoices that were cancelled; needs --customer",
    )
    command.add_argument(
        "--let-through",
        action="append",
        metavar="NAME",
        help="a bound that is not to stop anything, such as invoice_net:K1001; several times",
    )
    add_account(command)
    return command
