"""What runs tell: each reason has a cause, and no alarm is false."""

from collections.abc import Iterator

from blocks.ledger.records import BilledLine
from tasks.billing.issue import IssueCode
from tasks.easybill.draft_status import OUR_REQUEST_LASTS_AT_MOST
from tests.simulation.steps import ClockJumps, RunStarts
from tests.simulation.story import Kind
from tests.simulation.view import View, addressee_of

# What a draft looks like of which the ledger does not know what a run of ours did to it.
_OF_TAKEN_IN = {
    *(IssueCode.DRAFT_DELETED, IssueCode.DRAFT_DIFFERS, IssueCode.NOTHING_LEFT),
    *(IssueCode.DOCUMENT_UNCLEAR, IssueCode.DOCUMENTS_ORPHANED),
}
_OF_EDITED_DRAFTS = {IssueCode.DRAFT_EDITED, IssueCode.DRAFT_DIFFERS, IssueCode.NOTHING_LEFT}


def every_reason_is_justified(view: View) -> Iterator[str]:
    """A customer is reported only where people or rows gave cause for it."""
    stage = view.stage
    refused = {number for _, number, _ in stage.easybill.for_good}
    acted = {addressee_of(external_id) for external_id in stage.easybill.acted}
    unsound = {
        stage.oms.services[i].customer_number for i in stage.oms.broken & stage.oms.services.keys()
    }
    wanted = {
        (month, number)
        for month, number, line in view.oms_lines()
        if not view.is_claimed_and_told(BilledLine(*line.key), elsewhere=(month, number))
    }
    # Whose clock is wrong, or who slept while an update was out, can't tell the update from an edit
    # and leaves it to people.
    has_wrong_clock = any(
        isinstance(step, ClockJumps) or _sleeps(step) for step in stage.story.steps
    )
    for month, number in view.reported - acted:
        is_empty = (month, number) not in wanted
        if has_wrong_clock and _OF_EDITED_DRAFTS & view.codes.get((month, number), frozenset()):
            continue
        if _may_be_left_to_people(view, month, number):
            continue
        if number not in unsound | refused and not is_empty and stage.story.kind is Kind.USUAL:
            yield f"{number}, {month}, is reported without cause: {view.reasons[month, number]}"


def _may_be_left_to_people(view: View, month: str, number: str) -> bool:
    """Whether a ledger that went back cannot tell who made the customer's documents so."""
    known = view.known_before
    codes = view.codes.get((month, number), frozenset())
    if (month, number) in known and codes & _OF_TAKEN_IN:
        return True
    is_elsewhere = any(other == number for _, other in known)
    return is_elsewhere and IssueCode.BILLED_IN_OTHER_MONTH in codes


def no_false_alarm(view: View) -> Iterator[str]:
    """OMS, CSVs and easybill agree to the cent after every run, whatever befell it.

    Whoever changes a draft in the very second in which we wrote it shows in nothing but its cents.
    The file of an update that was never sent is told once, and built again.
    """
    acted = {addressee_of(external_id) for external_id in view.stage.easybill.acted}
    last = list(view.played.last.values())
    for run in (*view.played.outcomes, *last):
        for addressee, row in run.differences.items():
            is_left_file = row.csv not in (row.oms, None) and row.easybill == row.oms
            if addressee in acted or (is_left_file and run not in last):
                continue
            if view.stage.story.kind is Kind.USUAL:
                yield f"{run.name} of {run.month} raises a false alarm: {row}"


def _sleeps(step: object) -> bool:
    if not isinstance(step, RunStarts) or step.mishaps.pauses_at <= 0:
        return False
    return step.mishaps.pause_seconds > OUR_REQUEST_LASTS_AT_MOST.total_seconds()
