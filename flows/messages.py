"""Sets up the messages: `python -m flows.messages --webhook URL`, again and again without harm."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta

from tasks.billing.wording.speech import Speech
from tasks.messages.automations import Recipients, Windows, in_words
from tasks.messages.set_up import (
    MONITOR,
    PEOPLE,
    WEBHOOK,
    NotSetUp,
    save_webhook,
    saved_block,
    send_test,
    set_up,
    there_is,
    ui_url,
    web_address,
    window,
)
from tasks.run.connections import report_language


def main(arguments: Sequence[str] | None = None) -> int:
    """Save the blocks and the automations and say so; 2 where that cannot be done."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if not (options.webhook or options.block or options.show or options.test):
        parser.error("say who is told (--webhook or --block), or --show, or --test")
    try:
        for done in _done(options):
            sys.stdout.write(f"{done}\n")
    except NotSetUp as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _done(options: argparse.Namespace) -> Iterator[str]:
    """Do what was asked for; what was done, or is there."""
    address, block = ui_url(), options.block or f"{WEBHOOK}/{PEOPLE}"
    speech = Speech(report_language())
    if options.webhook:
        yield save_webhook(options.webhook)
    if options.monitor:
        yield save_webhook(options.monitor, MONITOR)
    if options.webhook or options.block:
        monitor = saved_block(f"{WEBHOOK}/{MONITOR}") if options.monitor else None
        windows = Windows(options.not_started, options.not_scheduled, options.no_heartbeat)
        recipients = Recipients(saved_block(block), monitor, address, speech)
        yield from set_up(recipients, windows)
    if options.show:
        yield from there_is()
    if options.test:
        send_test(block, speech)
        yield f"sent: a test message over {block}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m flows.messages",
        description="Tells when a run failed, when a month is invoiced, and when no run happened.",
    )
    told = parser.add_mutually_exclusive_group()
    told.add_argument(
        "--webhook", type=_address, metavar="URL", help="each message is posted here as JSON"
    )
    told.add_argument(
        "--block", metavar="TYPE/NAME", help="a saved notification block: slack-webhook/accounting"
    )
    parser.add_argument(
        "--monitor",
        type=_address,
        metavar="URL",
        help="posted to when a month is invoiced, and only then",
    )
    parser.add_argument("--test", action="store_true", help="send a test message")
    parser.add_argument(
        "--show", action="store_true", help="say what is set up; alone, nothing is changed"
    )
    usual = Windows()
    for name, default, what in (
        ("--not-started", usual.not_started, "how long a run may be due without having started"),
        ("--not-scheduled", usual.not_scheduled, "how long there may be no scheduled run"),
        ("--no-heartbeat", usual.no_heartbeat, "how long a run may be silent"),
    ):
        parser.add_argument(
            name,
            type=_length,
            default=default,
            metavar="LENGTH",
            help=f"{what} ({in_words(default)})",
        )
    return parser


def _length(text: str) -> timedelta:
    try:
        return window(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _address(text: str) -> str:
    try:
        return web_address(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


if __name__ == "__main__":
    sys.exit(main())
