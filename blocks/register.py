"""Save the blocks from the environment: `python -m blocks.register [--replace] [--account NAME]`.

Again and again, without harm. New blocks are saved. What differs from a saved block may have been
changed in Prefect's UI: it is shown and asked for; without a terminal it is only replaced with
`--replace`.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence

from httpx import HTTPStatusError, TransportError
from prefect.blocks.core import Block
from pydantic import SecretStr, ValidationError

from blocks.account_name import add_account, block_name
from blocks.bounds.settings import SenseSettings
from blocks.easybill.account import EasybillAccount
from blocks.easybill.settings import AccountSetting, EasybillSettings, explain
from blocks.ledger.settings import LedgerSettings
from blocks.oms.settings import OmsSettings
from blocks.saved import SettingsError, no_answer, saved_block

Settings = OmsSettings | EasybillSettings | LedgerSettings | SenseSettings

# By the name of the block that they make.
SETTINGS: dict[str, type[Settings]] = {
    "oms": OmsSettings,
    "easybill": EasybillSettings,
    "ledger": LedgerSettings,
    "bounds": SenseSettings,
}


def register() -> list[str]:
    """Save the blocks under their names, whatever is saved there; returns these names."""
    blocks = blocks_of_environment()
    for name, block in blocks.items():
        block.save(name, overwrite=True)
    return [_place(name, block) for name, block in blocks.items()]


def blocks_of_environment() -> dict[str, Block]:
    """The blocks that the environment describes, not saved; ValidationError where it is wrong."""
    return {name: settings().to_block() for name, settings in SETTINGS.items()}


def easybill_of_environment(account: str) -> EasybillAccount:
    """The easybill block of an account by name, whose name in the ledger is that one too.

    Raises SettingsError where the environment is another account's.
    """
    easybill = EasybillSettings().to_block()
    said = AccountSetting().account
    if said not in (None, account):
        raise SettingsError(
            f"EASYBILL_ACCOUNT is {said}, so these are not the settings of {account}.",
            f"Set those of {account}, and EASYBILL_ACCOUNT to {account}.",
        )
    default = saved_block(EasybillAccount, "easybill")
    if said is None and default is not None and _is_same_key(default, easybill):
        raise SettingsError(
            "EASYBILL_API_KEY is that of easybillaccount/easybill.",
            f"Set the settings of {account}; if they are, EASYBILL_ACCOUNT to {account} too.",
        )
    easybill.account = account
    return easybill


def _is_same_key(one: EasybillAccount, other: EasybillAccount) -> bool:
    return (one.api_key, one.base_url) == (other.api_key, other.base_url)


def differences(saved: Block, wanted: Block) -> dict[str, str]:
    """What differs between two blocks of one kind, by field; of a secret only that it does."""
    ours, theirs = _fields(wanted), _fields(saved)
    return {
        field: "another value (secret)"
        if isinstance(ours[field], SecretStr)
        else f"saved {theirs[field]!r}, environment {ours[field]!r}"
        for field in ours
        if ours[field] != theirs[field]
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Save the blocks and say so; 1: something differs and was left, 2: a setting is wrong."""
    parser = argparse.ArgumentParser(prog="python -m blocks.register", description=__doc__)
    parser.add_argument("--replace", action="store_true", help="replace what differs, unasked")
    add_account(parser)
    options = parser.parse_args(arguments)
    try:
        wanted = blocks_of_environment()
        if options.account is not None:
            wanted["easybill"] = easybill_of_environment(options.account)
        return _save(wanted, options.account, (lambda: True) if options.replace else _asked)
    except ValidationError as error:
        said = explain(error)
    except SettingsError as error:
        said = str(error)
    except (TransportError, HTTPStatusError) as error:
        said = str(no_answer(error))
    sys.stderr.write(f"{said}\n")
    return 2


def _save(blocks: Mapping[str, Block], account: str | None, may_replace: Callable[[], bool]) -> int:
    """Save what is new; and what differs, if that is wished or nobody changes anything."""
    wanted = {block_name(default, account): block for default, block in blocks.items()}
    saved = {
        block_name(default, account): saved_block(type(block), default, account)
        for default, block in blocks.items()
    }
    differing = {
        name: found
        for name, block in wanted.items()
        if (there := saved[name]) is not None and (found := differences(there, block))
    }
    for name, found in differing.items():
        for field, difference in found.items():
            sys.stdout.write(f"{_place(name, wanted[name])} {field}: {difference}\n")
    is_left = bool(differing) and not may_replace()
    for name, block in wanted.items():
        if name in differing and is_left:
            done = "left as it is"
        elif name in differing or saved[name] is None:
            block.save(name, overwrite=True)
            done = "saved"
        else:
            done = "unchanged"
        sys.stdout.write(f"{done}: {_place(name, block)}\n")
    if is_left:
        sys.stdout.write("Use --replace to put the environment's values into the saved blocks.\n")
    return 1 if is_left else 0


def _asked() -> bool:
    if not sys.stdin.isatty():
        return False
    sys.stdout.write("Replace the saved values by those of the environment? [y/N] ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _place(name: str, block: Block) -> str:
    return f"{block.get_block_type_slug()}/{name}"


def _fields(block: Block) -> dict[str, object]:
    return {name: getattr(block, name) for name in type(block).model_fields}


if __name__ == "__main__":
    sys.exit(main())
