"""Where a step writes its lines: the Prefect run's log, or Python's where there is no run."""

import logging
from typing import Any

from prefect.exceptions import MissingContextError
from prefect.logging import get_run_logger

from tasks.run.named_account import named_account, of_account

RunLog = logging.Logger | logging.LoggerAdapter[Any]


class _OfAccount(logging.LoggerAdapter[Any]):
    """Says the account in each line: customers of several accounts may have one number."""

    def process(self, msg: Any, kwargs: Any) -> tuple[Any, Any]:
        return of_account(str(msg)), kwargs


def run_log() -> RunLog:
    """The logger of the run that is under way."""
    try:
        log = get_run_logger()
    except MissingContextError:
        return logging.getLogger("invoicing")
    return log if named_account() is None else _OfAccount(log)
