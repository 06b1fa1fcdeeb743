"""Why a customer was not invoiced, by what the reader can do about it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from blocks.easybill.errors import (
    EasybillError,
    KeyRefused,
    NotSent,
    OutcomeUnknown,
    Rejected,
    Unavailable,
)
from blocks.ledger.errors import LeaseLost, LedgerError, LedgerUnavailable, NotPermitted


class CustomerFailure(Exception):
    """One customer of one month is not invoiced; says why and what to do next.

    `repeatable`: trying again by itself may help. `shared`: the cause is not this customer's.
    """

    repeatable: ClassVar[bool] = False
    shared: ClassVar[bool] = False

    def __init__(self, customer_number: str, month: str, reason: str, next_step: str) -> None:
        super().__init__(customer_number, month, reason, next_step)
        self.customer_number = customer_number
        self.month = month
        self.reason = reason
        self.next_step = next_step

    @property
    def advice(self) -> str:
        """The reason and the next step."""
        return f"{self.reason}. {self.next_step}"

    def __str__(self) -> str:
        return f"customer {self.customer_number}, {self.month}: {self.advice}"


class RefusedByEasybill(CustomerFailure):
    """easybill refused a request: nothing changes until somebody mends the cause."""


class KeyRefusedByEasybill(CustomerFailure):
    """easybill refused the key: nobody can be invoiced."""

    shared = True


class EasybillUnavailable(CustomerFailure):
    """easybill could not be reached or had no time: provably nothing was done."""

    repeatable = True
    shared = True


class OutcomeInDoubt(CustomerFailure):
    """A write's answer was lost: the next attempt looks before it acts."""

    repeatable = True


class StoppedByOutage(CustomerFailure):
    """Not tried, because easybill has failed for everybody before."""

    shared = True


class LedgerGone(CustomerFailure):
    """The ledger could not be read or written; without it nothing is sent."""

    shared = True


class MonthLost(CustomerFailure):
    """The run no longer holds the month, or not for long enough to send anything more."""

    shared = True


class NotPermittedByProtocol(CustomerFailure):
    """A step that the protocol of an export does not permit: an error in the software."""


class Disputed(CustomerFailure):
    """What stands in easybill is not what the ledger says; a person has to decide."""


def may_be_repeated(error: object) -> bool:
    """Whether trying again by itself may help; never after a refusal.

    What easybill provably did not do, or what is looked up before it is done again.
    """
    return isinstance(error, Unavailable) or (
        isinstance(error, CustomerFailure) and error.repeatable
    )


@contextmanager
def failures_of(customer_number: str, month: str) -> Iterator[None]:
    """Turn what easybill and the ledger raise into this customer's failure."""
    try:
        yield
    except (EasybillError, LedgerError, NotSent) as error:
        kind, next_step = next(
            (kind, step) for cause, kind, step in _MEANINGS if isinstance(error, cause)
        )
        raise kind(customer_number, month, str(error).rstrip("."), next_step) from error


_Causes = type[Exception] | tuple[type[Exception], ...]
_MEANINGS: tuple[tuple[_Causes, type[CustomerFailure], str], ...] = (
    (KeyRefused, KeyRefusedByEasybill, "Save a valid key with `python -m blocks.register`"),
    (Rejected, RefusedByEasybill, "Mend what easybill names, then retry"),
    (Unavailable, EasybillUnavailable, "Retry when easybill answers again; nothing was doubled"),
    (OutcomeUnknown, OutcomeInDoubt, "Retry: easybill is looked up before anything is sent again"),
    ((NotSent, LeaseLost), MonthLost, "Run the month again: what was in doubt is looked up"),
    (LedgerUnavailable, LedgerGone, "Retry when the ledger's database answers again"),
    (NotPermitted, NotPermittedByProtocol, "Report this sentence: it is an error in the software"),
    (Exception, Disputed, "See what else is working on this customer, then retry"),
)
