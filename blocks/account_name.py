"""The name of an account: part of the names of its blocks, and its folder in the exports."""

import argparse
import re

PATTERN = "[a-z][a-z0-9]*(-[a-z0-9]+)*"
LONGEST = 40
# The default account's previews are in a folder of this name.
TAKEN = "preview"


def account_name(text: str) -> str:
    """The name as it was given; ValueError where no block or folder can be called so."""
    if not re.fullmatch(PATTERN, text) or len(text) > LONGEST or text == TAKEN:
        raise ValueError(
            f"{text!r} is no name of an account: a letter first, then lowercase letters, digits"
            f" and single dashes, at most {LONGEST}; not {TAKEN!r}"
        )
    return text


def block_name(default: str, account: str | None) -> str:
    """What the account's block is called: `oms-north`; without an account `oms`."""
    return default if account is None else f"{default}-{account}"


def option(account: str | None) -> str:
    """What a command that is advised needs for the account, with a space before it."""
    return "" if account is None else f" --account {account}"


def add_account(parser: argparse.ArgumentParser) -> None:
    """Let the command be for an account by name."""
    parser.add_argument(
        "--account",
        type=_typed,
        metavar="NAME",
        help="take the blocks of this account, such as easybill-north for north",
    )


def _typed(text: str) -> str:
    try:
        return account_name(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
