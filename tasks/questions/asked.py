"""What was asked, answered on the standard output."""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping

from blocks.ledger.errors import LedgerError
from blocks.oms.errors import OmsContractBroken, OmsUnavailable
from blocks.saved import SettingsError
from tasks.billing.wording.speech import Speech
from tasks.questions.answer_text import customer_text, month_text, service_text
from tasks.questions.calls import answer_calls
from tasks.questions.customer import answer_customer
from tasks.questions.draft import answer_draft
from tasks.questions.invoiced_services import write_services
from tasks.questions.known import read_month
from tasks.questions.listing import calls_text, draft_text
from tasks.questions.month import answer_month
from tasks.questions.service import answer_service
from tasks.report.on_file import changes_on_file
from tasks.run.connections import Connections, open_connections
from tasks.run.whole_file import FileNotWritten

YES, NO, NO_ANSWER = 0, 1, 2
Answer = tuple[bool, Iterator[str]]
Question = Callable[[Connections, argparse.Namespace], Answer]


def ask(options: argparse.Namespace) -> int:
    """Answer one question on the standard output; the exit code of `python -m tasks.ask`."""
    try:
        code, text = answer(open_connections(options.account), options)
    except (SettingsError, LedgerError, OmsContractBroken, OmsUnavailable, FileNotWritten) as error:
        sys.stderr.write(f"{error}\n")
        return NO_ANSWER
    sys.stdout.write(f"{text}\n")
    return code


def answer(connections: Connections, options: argparse.Namespace) -> tuple[int, str]:
    """The exit code and the text for the question that was asked."""
    is_yes, lines = QUESTIONS[options.question](connections, options)
    return YES if is_yes else NO, "\n".join(lines)


def _month(connections: Connections, options: argparse.Namespace) -> Answer:
    found = answer_month(read_month(connections, options.month))
    changes = changes_on_file(connections.export_dir / str(options.month))
    return found.is_complete, month_text(found, changes, Speech(connections.language))


def _customer(connections: Connections, options: argparse.Namespace) -> Answer:
    known = read_month(connections, options.month, options.customer_number)
    found = answer_customer(known, options.customer_number)
    return found.is_done, customer_text(
        found, connections.account.link_to, Speech(connections.language)
    )


def _draft(connections: Connections, options: argparse.Namespace) -> Answer:
    speech = Speech(connections.language)
    found = answer_draft(connections, options.document_id)
    if found is None:
        sentence = speech.say(
            "Account {account} of the ledger knows no draft {id}.",
            account=connections.ledger.account,
            id=options.document_id,
        )
        return False, iter([sentence])
    return True, draft_text(found, connections.account.link_to, speech)


def _service(connections: Connections, options: argparse.Namespace) -> Answer:
    found = answer_service(connections, options.service_id)
    return found.is_settled, service_text(
        found, connections.account.link_to, Speech(connections.language)
    )


def _services(connections: Connections, options: argparse.Namespace) -> Answer:
    count = write_services(connections.ledger, str(options.month), options.csv)
    speech = Speech(connections.language)
    said = speech.say(
        "{month}: {lines} in invoices and drafts, in {file}.",
        month=speech.month(str(options.month)),
        lines=speech.counted(count, "line"),
        file=options.csv,
    )
    return bool(count), iter([said])


def _calls(connections: Connections, options: argparse.Namespace) -> Answer:
    found = answer_calls(connections.ledger, str(options.month), options.customer)
    return bool(found.calls), calls_text(found, Speech(connections.language))


QUESTIONS: Mapping[str, Question] = {
    "month": _month,
    "customer": _customer,
    "draft": _draft,
    "service": _service,
    "services": _services,
    "calls": _calls,
}
