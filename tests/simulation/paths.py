"""Rare paths: what some story must have gone through, or the stories prove less than they seem to.

Most are derived: a transition that is added to the ledger's table, or a fault to the wire, counts
by itself.
"""

from collections.abc import Iterator

from blocks.ledger.protocol import TABLE, Transition, transition_of
from blocks.ledger.records import Export
from blocks.ledger.states import Draft, Event
from tests.simulation.faults import Fault

# How many fixed stories are told, and how many of them have to take every path together.
FIXED_STORIES = 10_000

WRITES = (
    *("POST /documents", "PUT /documents", "DELETE /documents"),
    *("POST /attachments", "PUT /attachments", "DELETE /attachments"),
)
RUN_ENDED = "a run ended: "
FAULT = "on the wire: "
MONTH_TAKEN_OVER = "a month was taken over from a run that showed no life"
ACCOUNTANT = "the accountant "
SAID = "a run said: "
LOST_ANSWER = "lost answer to "
LEDGER_FAILED = "the ledger failed "
PROCESS = "a process was "
BEFELL = "it befell: "
OMS = "the OMS: "
CLOCK_JUMPED = "our clock jumped"

_ENDINGS = (
    *("done", "held", "killed", "stopped"),
    *("LeaseTooShort", "LeaseLost", "LedgerUnavailable", "Unavailable", "Rejected"),
)
# Transitions that stories do not take, and why; tests/tasks/easybill takes them.
_NOT_IN_STORIES = {
    Event.ACCEPTED: "no story has a person who accepts a document",
    Event.LINKED_ELSEWHERE: "a link is answered with the document that was asked for",
    Event.FINALISED_OVERWRITTEN: "between the look and the update a story has no time",
    Event.DRAFT_AND_FILE_FOUND: "the file is linked once the draft is known",
}
# Drafts of rows that an older release wrote, and no run of this one.
_OF_OLDER_RELEASES = frozenset({(Event.DRAFT_FOUND, frozenset({Draft.TO_UPDATE}))})
# What a customer is told where something is in doubt or not ours to decide.
_ACTS = ("retitles", "reprices", "finalises", "cancels", "deletes", "deletes a waiting file")
_BEFALL = (
    *("AnswersForGood", "OthersWrite", "ListsChange", "RoundsOtherwise"),
    *("LedgerCopied", "LedgerPutBack"),
)
_ISSUES = (
    *("row_invalid", "outcome_unknown", "easybill_refused", "easybill_unavailable"),
    *("draft_deleted", "draft_differs", "draft_edited", "draft_edited_meanwhile", "nothing_left"),
    *("documents_duplicated", "amounts_differ", "already_billed", "ledger_unavailable"),
    *("month_lost", "billed_in_other_month", "document_unclear"),
)


def path_of(export: Export | None, event: Event) -> str:
    """The path of a write to the ledger."""
    return _named(transition_of(export, event))


def all_paths() -> Iterator[str]:
    """Every path that has to be taken."""
    yield from map(_named, filter(_is_in_stories, TABLE))
    for call in ("GET", *WRITES):
        yield from (f"{FAULT}{call}: {fault}" for fault in Fault if _fits(call, fault))
    for call in WRITES:
        yield from (f"{LOST_ANSWER}{call}: it was {done}" for done in ("done", "not done"))
    yield from (f"{RUN_ENDED}{ending}" for ending in _ENDINGS)
    yield from (f"{ACCOUNTANT}{act}" for act in _ACTS)
    yield from (f"{SAID}{issue}" for issue in _ISSUES)
    yield from (f"{LEDGER_FAILED}{when} it wrote" for when in ("before", "after"))
    yield from (f"{PROCESS}{what}" for what in ("killed", "paused", "stopped"))
    yield from (f"{OMS}{what}" for what in ("a service changes", "a service vanishes", "bad row"))
    yield from (f"{BEFELL}{what}" for what in _BEFALL)
    yield from (MONTH_TAKEN_OVER, CLOCK_JUMPED)


def call_of(method: str, path: str) -> str:
    """The kind of a request, without the number of what it is about."""
    return f"{method} /{path.split('/')[1]}"


def _is_in_stories(row: Transition) -> bool:
    return row.event not in _NOT_IN_STORIES and (row.event, row.drafts) not in _OF_OLDER_RELEASES


def _fits(call: str, fault: Fault) -> bool:
    if fault is Fault.SLOW:
        return "/documents" in call
    return fault is not Fault.LATE or call != "GET"


def _named(row: Transition) -> str:
    places = {f"{state or 'none'} {call or ''}".strip() for state, call in row.places}
    drafts = "|".join(sorted(row.drafts))
    return f"ledger: {row.event}, from {'|'.join(sorted(places))}, draft {drafts}"
