"""The accountant's questions: `python -m tasks.ask month|customer|draft|service|calls …`.

Reads the OMS and the ledger, and writes nothing. Exit 0: the answer is yes; 1: it is no; 2: bad
arguments or settings, or something needed does not answer.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from blocks.ledger.errors import LedgerError
from blocks.oms.errors import OmsContractBroken, OmsUnavailable
from tasks.billing.month import BillingMonth
from tasks.questions.answer_text import customer_text, month_text, service_text
from tasks.questions.calls import answer_calls
from tasks.questions.customer import answer_customer
from tasks.questions.draft import answer_draft
from tasks.questions.known import read_month
from tasks.questions.listing import calls_text, draft_text
from tasks.questions.month import answer_month
from tasks.questions.service import answer_service
from tasks.report.files import changes_on_file
from tasks.run.connections import Connections, SettingsError, open_connections

YES, NO, NO_ANSWER = 0, 1, 2
Answer = tuple[bool, Iterator[str]]
Question = Callable[[Connections, argparse.Namespace], Answer]


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer one question on the standard output."""
    options = parser().parse_args(arguments)
    try:
        code, text = answer(open_connections(), options)
    except (SettingsError, LedgerError, OmsContractBroken, OmsUnavailable) as error:
        sys.stderr.write(f"{error}\n")
        return NO_ANSWER
    sys.stdout.write(f"{text}\n")
    return code


def answer(connections: Connections, options: argparse.Namespace) -> tuple[int, str]:
    """The exit code and the text for the question that was asked."""
    question: Question = options.question
    is_yes, lines = question(connections, options)
    return YES if is_yes else NO, "\n".join(lines)


def _month(connections: Connections, options: argparse.Namespace) -> Answer:
    found = answer_month(read_month(connections, options.month))
    changes = changes_on_file(connections.export_dir / str(options.month))
    return found.is_complete, month_text(found, changes)


def _customer(connections: Connections, options: argparse.Namespace) -> Answer:
    known = read_month(connections, options.month, options.customer_number)
    found = answer_customer(known, options.customer_number)
    return found.is_done, customer_text(found, connections.account.link_to)


def _draft(connections: Connections, options: argparse.Namespace) -> Answer:
    found = answer_draft(connections, options.document_id)
    if found is None:
        account = connections.ledger.account
        sentence = f"Account {account} of the ledger knows no draft {options.document_id}."
        return False, iter([sentence])
    return True, draft_text(found, connections.account.link_to)


def _service(connections: Connections, options: argparse.Namespace) -> Answer:
    found = answer_service(connections, options.service_id)
    return found.is_settled, service_text(found, connections.account.link_to)


def _calls(connections: Connections, options: argparse.Namespace) -> Answer:
    found = answer_calls(connections.ledger, str(options.month), options.customer)
    return bool(found.calls), calls_text(found)


def parser() -> argparse.ArgumentParser:
    """The questions, as they are typed."""
    command = argparse.ArgumentParser(
        prog="python -m tasks.ask", description="Questions about what was invoiced."
    )
    questions = command.add_subparsers(required=True, metavar="QUESTION")

    def add(name: str, question: Question, words: str) -> argparse.ArgumentParser:
        asked = questions.add_parser(name, help=words, description=words)
        asked.set_defaults(question=question)
        return asked

    add("month", _month, "Is the month complete?").add_argument("month", type=_billing_month)
    customer = add("customer", _customer, "Why is the customer missing?")
    customer.add_argument("customer_number")
    customer.add_argument(
        "--month",
        type=_billing_month,
        default=BillingMonth.before(datetime.now(UTC)),
        metavar="YYYY-MM",
        help="default: the month before this one",
    )
    draft = add("draft", _draft, "Where do the draft's positions come from?")
    draft.add_argument("document_id", type=int)
    add("service", _service, "Into which draft went the service?").add_argument("service_id")
    calls = add("calls", _calls, "Who sent what to easybill, and when?")
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
