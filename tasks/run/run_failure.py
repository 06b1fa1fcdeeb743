"""Why a run as a whole could not be done: one sentence with the next step, for its final state."""

from blocks.easybill.errors import (
    EasybillError,
    KeyRefused,
    NotSent,
    OutcomeUnknown,
    Rejected,
    Unavailable,
)
from blocks.ledger.errors import LeaseLost, LedgerError
from blocks.oms.errors import OmsContractBroken, OmsUnavailable
from tasks.billing.words import one_line
from tasks.run.connections import SettingsError
from tasks.run.failures import CustomerFailure
from tasks.run.log import run_log
from tasks.run.resolve_month import MonthNotOver

LONGEST_UNEXPECTED = 300
_Causes = type[Exception] | tuple[type[Exception], ...]
# Nothing is appended to those that say themselves what to do.
_NEXT_STEPS: tuple[tuple[_Causes, str], ...] = (
    ((CustomerFailure, LeaseLost, MonthNotOver, SettingsError), ""),
    (KeyRefused, "Save a valid key with `python -m blocks.register`, then retry."),
    (Rejected, "Mend what easybill names, then retry."),
    ((Unavailable, OutcomeUnknown), "Retry when easybill answers again: nothing is sent twice."),
    (EasybillError, "Retry: nothing is sent twice."),
    (OmsUnavailable, "Retry when the OMS answers: nothing is sent twice."),
    (OmsContractBroken, "Mend the OMS's relations, then retry."),
    (NotSent, "Run the month again: what was in doubt is looked up."),
    (LedgerError, "Then retry: nothing is sent twice."),
)


def explained(error: Exception) -> str:
    """What happened and what to do, in plain words; the log gets it too."""
    for causes, next_step in _NEXT_STEPS:
        if isinstance(error, causes):
            sentence = f"{one_line(str(error)).rstrip('.')}. {next_step}".rstrip()
            run_log().error("%s", sentence)
            return sentence
    run_log().exception("Unexpected")
    said = one_line(str(error))[:LONGEST_UNEXPECTED].rstrip(".")
    return (
        f"Unexpected {type(error).__name__}: {said}. The log says where. Retry: nothing is sent"
        " twice, because the ledger knows what was sent."
    )
