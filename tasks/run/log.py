"""Where a step writes its lines: the Prefect run's log, or Python's where there is no run."""

import logging
from typing import Any

from prefect.exceptions import MissingContextError
from prefect.logging import get_run_logger

RunLog = logging.Logger | logging.LoggerAdapter[Any]


def run_log() -> RunLog:
    """The logger of the run that is under way."""
    try:
        return get_run_logger()
    except MissingContextError:
        return logging.getLogger("invoicing")
