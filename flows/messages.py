"""Sets up the messages: `python -m flows.messages --webhook URL`, again and again without harm."""

import argparse
import sys
from collections.abc import Sequence
from datetime import timedelta

from tasks.messages.automations import Recipients, Windows, in_words
from tasks.messages.set_up import (
    MONITOR,
    NotSetUp,
    saved_block,
    set_up,
    ui_url,
    webhook_block,
    window,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Save the blocks and the automations and say so; 2 where no server or no block is there."""
    options = _parser().parse_args(arguments)
    windows = Windows(options.not_started, options.not_scheduled, options.no_heartbeat)
    try:
        for done in set_up(_recipients(options), windows):
            sys.stdout.write(f"{done}\n")
    except NotSetUp as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _recipients(options: argparse.Namespace) -> Recipients:
    address = ui_url()
    people = webhook_block(options.webhook) if options.webhook else saved_block(options.block)
    monitor = webhook_block(options.monitor, MONITOR) if options.monitor else None
    return Recipients(people, monitor, address)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m flows.messages",
        description="Tells when a run failed, when a month is invoiced, and when no run happened.",
    )
    told = parser.add_mutually_exclusive_group(required=True)
    told.add_argument("--webhook", metavar="URL", help="each message is posted here as JSON")
    told.add_argument(
        "--block", metavar="TYPE/NAME", help="a saved notification block: slack-webhook/accounting"
    )
    parser.add_argument(
        "--monitor", metavar="URL", help="posted to when a month is invoiced, and only then"
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


if __name__ == "__main__":
    sys.exit(main())
