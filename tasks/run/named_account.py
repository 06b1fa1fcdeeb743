"""The account that a run was started for by its name: in its name, tags, keys and messages.

What a run works with follows from its Connections alone.
"""

from typing import Any

from prefect.runtime import flow_run


def named_account() -> str | None:
    """The flow run's parameter `account`; None for the default account, or outside of a run."""
    parameters: dict[str, Any] = flow_run.parameters
    return parameters.get("account")


def of_account(said: str) -> str:
    """What is said, with the account before it where one is named: `north: 3 drafts`."""
    account = named_account()
    return said if account is None else f"{account}: {said}"


def with_account(*words: str) -> list[str]:
    """Words of a name, the account first where one is named: `north 2026-10`."""
    account = named_account()
    return [*words] if account is None else [account, *words]
