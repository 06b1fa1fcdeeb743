"""`python -m blocks.easybill.check [--account NAME]`: whether the key works, and for which account.

The key is that of the environment; with `--account north` that of the saved block easybill-north.
"""

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress

from httpx import HTTPError
from pydantic import ValidationError

from blocks.easybill.account import EasybillAccount
from blocks.easybill.client import DEFAULT_BASE_URL
from blocks.easybill.errors import EasybillError
from blocks.easybill.models import Login
from blocks.easybill.settings import EasybillSettings, explain

_PLANS = {10: " (PLUS)", 60: " (BUSINESS)"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 where easybill accepts the key; else 1, and one plain sentence why not."""
    parser = argparse.ArgumentParser(prog="python -m blocks.easybill.check", description=__doc__)
    parser.add_argument("--account", metavar="NAME", help="the key of the block easybill-NAME")
    name = parser.parse_args(arguments).account
    try:
        account = EasybillSettings().to_block() if name is None else _saved(name)
        with account.get_client() as client:
            logins = client.list_logins()
    except ValidationError as error:
        _say(explain(error))
        return 1
    except (EasybillError, _NotSaved) as error:
        _say(f"{error}")
        return 1
    for line in _findings(account, logins):
        _say(line)
    return 0


class _NotSaved(Exception):
    """Prefect has no such block, or one that cannot be used."""


def _saved(name: str) -> EasybillAccount:
    with suppress(ValueError, RuntimeError, HTTPError):
        found = EasybillAccount.load(f"easybill-{name}")
        if isinstance(found, EasybillAccount):
            return found
    raise _NotSaved(
        f"Prefect has no block easybillaccount/easybill-{name} that can be used: save it with"
        f" `python -m blocks.register --account {name}`."
    )


def _findings(account: EasybillAccount, logins: list[Login]) -> list[str]:
    names = ", ".join(login.display_name or f"login {login.id}" for login in logins)
    limit = account.requests_per_minute
    is_easybill = account.base_url == DEFAULT_BASE_URL
    where = "easybill's own address" if is_easybill else f"not easybill's own, {DEFAULT_BASE_URL}"
    return [
        "The API key works.",
        f"Logins: {names or 'none'}",
        f"Account in the ledger: {account.account}",
        f"Limit: {limit} requests per minute{_PLANS.get(limit, '')}, as set",
        f"Base URL: {account.base_url} ({where})",
    ]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
