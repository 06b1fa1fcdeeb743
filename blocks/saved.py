"""Which block a run takes: the saved one, or else one made of the environment."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from httpx import HTTPStatusError, TransportError
from prefect.blocks.core import Block
from prefect.settings import PREFECT_API_URL, get_current_settings
from pydantic import SecretStr, ValidationError
from sqlalchemy import make_url

from blocks.account_name import block_name, option
from blocks.easybill.settings import AccountSetting, explain

SomeBlock = TypeVar("SomeBlock", bound=Block)

_SAVED = (
    "SELECT count(*) FROM block_document JOIN block_type ON block_type.id = block_type_id"
    " WHERE block_type.slug = ? AND block_document.name = ?"
)


class SettingsError(Exception):
    """A block or a setting is missing or wrong: nothing was done."""

    def __init__(self, said: str, next_step: str = "") -> None:
        super().__init__(said, next_step)
        self.said = said
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.said} {self.next_step}".strip()


def block_of(
    kind: type[SomeBlock],
    default: str,
    from_environment: Callable[[], SomeBlock],
    account: str | None = None,
) -> SomeBlock:
    """The account's saved block, or one made of the environment where none was saved.

    `default` is its name where no account is named. The environment is read for a named account
    only where EASYBILL_ACCOUNT is that name: it may be another company's. Raises SettingsError
    where neither is there, or Prefect cannot be asked.
    """
    saved = saved_block(kind, default, account)
    if saved is not None:
        return saved
    missing = f"No block {kind.get_block_type_slug()}/{block_name(default, account)} is saved"
    register = f"`python -m blocks.register{option(account)}`"
    if account is not None and AccountSetting().account != account:
        raise SettingsError(
            f"{missing}, and EASYBILL_ACCOUNT does not say that the environment is {account}'s.",
            f"Run {register} with the settings of {account}.",
        )
    try:
        return from_environment()
    except ValidationError as error:
        raise SettingsError(
            f"{missing}, and the environment makes none: {explain(error)}", f"Then run {register}."
        ) from None


def saved_block(
    kind: type[SomeBlock], default: str, account: str | None = None
) -> SomeBlock | None:
    """The block that was saved under this name; None where there is none.

    Raises SettingsError where Prefect cannot be asked, or the block is no longer valid.
    """
    slug, name = kind.get_block_type_slug(), block_name(default, account)
    if _is_surely_not_saved(slug, name):
        return None
    try:
        found = kind.load(name)
    except ValueError:
        return None
    except (TransportError, HTTPStatusError) as error:
        raise no_answer(error) from None
    except RuntimeError as error:
        if isinstance(error.__cause__, ValidationError):
            raise SettingsError(
                f"The block {slug}/{name} cannot be used: {explain(error.__cause__)}",
                "Correct it in Prefect's UI, or run"
                f" `python -m blocks.register{option(account)} --replace`.",
            ) from None
        raise SettingsError(f"Prefect's temporary server does not start: {error}") from None
    return found if isinstance(found, kind) else None


def no_answer(error: TransportError | HTTPStatusError) -> SettingsError:
    """Why Prefect's server cannot be asked, and what to do."""
    place = PREFECT_API_URL.value() or "its temporary place"
    if isinstance(error, HTTPStatusError) and error.response.status_code in (401, 403):
        return SettingsError(
            f"Prefect's server at {place} refuses us.",
            "Set PREFECT_API_AUTH_STRING to what the server has as PREFECT_SERVER_API_AUTH_STRING.",
        )
    if isinstance(error, HTTPStatusError):
        return SettingsError(
            f"Prefect's server at {place} answers with {error.response.status_code}.",
            "Look at its log, or correct PREFECT_API_URL.",
        )
    return SettingsError(
        f"Prefect's server at {place} does not answer, so the saved blocks cannot be read.",
        "Start it, or correct PREFECT_API_URL.",
    )


def _is_surely_not_saved(slug: str, name: str) -> bool:
    """Whether the temporary server's own file shows that it has no such block.

    To start that server for the same answer takes 20 seconds.
    """
    if PREFECT_API_URL.value():
        return False
    configured: SecretStr | None = get_current_settings().server.database.connection_url
    if configured is None:
        return False
    url = make_url(configured.get_secret_value())
    if url.get_backend_name() != "sqlite" or not url.database:
        return False
    file = Path(url.database)
    if not file.exists():
        return True
    try:
        with sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True) as connection:
            return not connection.execute(_SAVED, (slug, name)).fetchone()[0]
    except (sqlite3.Error, ValueError):
        return False
