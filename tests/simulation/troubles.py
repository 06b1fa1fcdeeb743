"""Kinds of trouble; each story switches whole kinds off, so that the others meet."""

import random
from enum import StrEnum

from tests.simulation.faults import Fault


class Trouble(StrEnum):
    """A kind of trouble beside those on the wire (`Fault`), which are switched one by one."""

    DEATHS = "runs are killed"
    PAUSES = "runs stand still"
    LEDGER_FAILS = "the ledger does not answer"
    CLOCK_JUMPS = "our clock jumps"
    SEVERAL_AT_ONCE = "several runs at once"
    SOME_CUSTOMERS = "runs for some customers"
    WITHDRAWALS = "months are withdrawn"
    BILL_LATE = "runs bill late services, too"
    RECREATE = "runs bill again what was deleted"
    CHANGES = "services change"
    MOVES = "services move"
    VANISHES = "services vanish"
    BAD_ROWS = "rows are not valid"
    EDITS = "the accountant edits"
    FINALISES = "the accountant finalises"
    DELETES = "the accountant deletes"
    FILES_GO = "waiting files are deleted"
    STOPS = "runs are stopped"
    OTHERS = "others write documents"
    LISTS_CHANGE = "lists change between their pages"
    REFUSED_FOR_GOOD = "403 or 404 for good to one customer's calls"
    FAILS_FOR_GOOD = "409 or 500 for good to one customer's calls"
    ODD_DOCUMENTS = "others write documents that do not parse"
    CENT_OFF = "easybill rounds otherwise"
    INVOICES_CHANGE = "PUT and DELETE succeed on a finalised document"
    NEW_CUSTOMERS = "customers are to be created in easybill"
    OLDER_LEDGER = "an earlier copy of the ledger is put back"
    LOST_LEDGER = "the ledger is deleted"
    CANCELS = "the accountant cancels invoices"
    BILL_AGAIN = "runs bill cancelled invoices again"


Switch = Trouble | Fault
# Drawn last, so that stories without them stay as they were.
_SINCE = (Trouble.CANCELS, Trouble.BILL_AGAIN)
_BEFORE = tuple(trouble for trouble in Trouble if trouble not in _SINCE)


def switched_on(seed: int) -> frozenset[Switch]:
    """The kinds of trouble that the story of the seed has: few, most or all."""
    rng = random.Random(f"troubles of {seed}")
    share = rng.choice([0.3, 0.6, 0.85, 1.0])
    # A kind that is new takes nothing from those before it: each has its own chance.
    return frozenset(kind for kind in (*_BEFORE, *Fault, *_SINCE) if rng.random() < share)
