"""The accountant's questions: `python -m tasks.ask month|customer|draft|service|services|calls …`.

`--account north`, before the question, asks about that account.

Reads the OMS and the ledger, and writes nothing but a file that is asked for. Exit 0: the answer is
yes; 1: it is no; 2: bad arguments or settings, or something needed does not answer.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from blocks.account_name import add_account
from tasks.billing.month import BillingMonth


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer one question on the standard output."""
    options = parser().parse_args(arguments)
    # Prefect takes seconds to import: who asks for help, or mistypes, need not wait for it.
    from tasks.questions.asked import ask

    return ask(options)


def parser() -> argparse.ArgumentParser:
    """The questions, as they are typed."""
    command = argparse.ArgumentParser(
        prog="python -m tasks.ask", description="Questions about what was invoiced."
    )
    add_account(command)
    questions = command.add_subparsers(required=True, metavar="QUESTION", dest="question")

    def add(name: str, words: str) -> argparse.ArgumentParser:
        return questions.add_parser(name, help=words, description=words)

    add("month", "Is the month complete?").add_argument("month", type=_billing_month)
    customer = add("customer", "Why is the customer missing?")
    customer.add_argument("customer_number")
    customer.add_argument(
        "--month",
        type=_billing_month,
        default=BillingMonth.before(datetime.now(UTC)),
        metavar="YYYY-MM",
        help="default: the month before this one",
    )
    draft = add("draft", "Where do the draft's positions come from?")
    draft.add_argument("document_id", type=int)
    add("service", "Into which draft went the service?").add_argument("service_id")
    services = add("services", "Which services are in which invoice, as a file?")
    services.add_argument("--month", type=_billing_month, required=True, metavar="YYYY-MM")
    services.add_argument("--csv", type=Path, required=True, metavar="FILE")
    calls = add("calls", "Who sent what to easybill, and when?")
    calls.add_argument("month", type=_billing_month)
    calls.add_argument("--customer", metavar="NUMBER", help="only what was sent for this customer")
    return command


def _billing_month(text: str) -> BillingMonth:
    try:
        return BillingMonth.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


if __name__ == "__main__":
    sys.exit(main())
