"""The protocol of an export: every write that may change one, as a row of a table.

The ledger refuses what no row permits. docs/internals/protocol.md shows the table.
"""

from dataclasses import dataclass

from blocks.ledger.errors import NotPermitted
from blocks.ledger.records import Export
from blocks.ledger.states import (
    IN_DOUBT,
    Draft,
    DraftState,
    Event,
    ExportState,
    Look,
    Pending,
)

# A state, and the call that is under way in it; None is an export that is not in the ledger yet.
Place = tuple[ExportState | None, Pending | None]


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: at one of these places, with such a draft, an event leads to a state.

    `to` is None where it leads back to where the call was announced. `then` is what the ledger says
    of the draft from now on (None: what it said before), `sends` the call that may be sent once
    this is written.
    """

    places: frozenset[Place]
    drafts: frozenset[Draft]
    event: Event
    to: ExportState | None
    look: Look = Look.NOTHING
    then: Draft | None = None
    sends: Pending | None = None


def _at(*states: ExportState | None) -> frozenset[Place]:
    return frozenset((state, None) for state in states)


def _sending(*calls: Pending) -> frozenset[Place]:
    return frozenset((ExportState.SENDING, call) for call in calls)


def _doubt(*calls: Pending) -> frozenset[Place]:
    return frozenset((state, call) for state in IN_DOUBT for call in calls)


PLANNED, SENDING, UPLOADED = ExportState.PLANNED, ExportState.SENDING, ExportState.UPLOADED
DRAFTED, LINKED, DELIVERED = ExportState.DRAFTED, ExportState.LINKED, ExportState.DELIVERED
FAILED, UNKNOWN, CONFLICT = ExportState.FAILED, ExportState.UNKNOWN, ExportState.CONFLICT
WITHDRAWN, SKIPPED = ExportState.WITHDRAWN, ExportState.SKIPPED
UPLOAD, DRAFT, UPDATE = Pending.UPLOAD, Pending.DRAFT, Pending.UPDATE
LINK, DELETE = Pending.LINK, Pending.DELETE

NONE, THERE = frozenset({Draft.NONE}), frozenset({Draft.THERE})
TO_UPDATE = frozenset({Draft.TO_UPDATE})
SOME, ANY = THERE | TO_UPDATE, NONE | THERE | TO_UPDATE
AT_REST = _at(PLANNED, UPLOADED, DRAFTED, LINKED, DELIVERED, FAILED)
WITH_DRAFT = AT_REST | _at(CONFLICT)
TO_ADOPT = _doubt(DRAFT) | _at(CONFLICT)
# Where the ledger knows no document, or one that may hold more than it knows of.
TO_TAKE_IN = AT_REST | _at(None, CONFLICT, WITHDRAWN, SKIPPED)

NO_DRAFT: dict[str, object] = {
    "document_id": None,
    "document_edited_at": None,
    "content_sha256": None,
    "update_planned": False,
    "planned_update": None,
    "draft_state": None,
    "invoice_number": None,
    "finalised_at": None,
    "due_date": None,
    "paid_at": None,
    "paid_cents": None,
    "released_at": None,
}
NOTHING_TO_SEND: dict[str, object] = {
    "csv_sha256": None,
    "csv_path": None,
    "layout_sha256": None,
    "line_count": 0,
    "net_cents": 0,
    "gross_cents": 0,
    "planned_sha256": None,
    "document_sha256": None,
    "texts_sha256": None,
}
NO_FILES: dict[str, object] = {"attachment_id": None, "replaced_attachment_id": None}

# What a run decides; nothing is sent yet.
PLANNING = (
    Transition(_at(None, PLANNED, UPLOADED, FAILED, WITHDRAWN, SKIPPED), NONE, Event.PLAN, PLANNED),
    Transition(AT_REST, SOME, Event.PLAN_UPDATE, PLANNED, Look.DOCUMENT, Draft.TO_UPDATE),
    Transition(_at(None, PLANNED, FAILED, SKIPPED), NONE, Event.FAIL, FAILED),
    Transition(_at(None, FAILED, SKIPPED), NONE, Event.SKIP, SKIPPED),
    Transition(_at(DELIVERED), SOME, Event.NOTE, DELIVERED),
    Transition(_at(DELIVERED), THERE, Event.RELEASE, DELIVERED, Look.DOCUMENTS),
    Transition(_at(PLANNED, UPLOADED, FAILED), NONE, Event.REMOVE_FILE, PLANNED),
    Transition(
        _at(PLANNED, UPLOADED, FAILED), NONE, Event.GIVE_UP, WITHDRAWN, Look.NOTHING, Draft.NONE
    ),
    Transition(_at(PLANNED, UPLOADED), NONE, Event.LOSE_LINES, PLANNED),
    Transition(_at(FAILED), NONE, Event.LOSE_LINES, FAILED),
    Transition(AT_REST, SOME, Event.BILL_AGAIN, WITHDRAWN, Look.DOCUMENTS, Draft.NONE),
)
# What is about to be sent, written before it is.
CALLS = (
    Transition(_at(PLANNED), NONE | TO_UPDATE, Event.SEND_UPLOAD, SENDING, sends=UPLOAD),
    Transition(_at(DRAFTED, FAILED), THERE, Event.SEND_UPLOAD, SENDING, sends=UPLOAD),
    Transition(
        _at(PLANNED, UPLOADED), NONE, Event.SEND_DRAFT, SENDING, Look.DOCUMENTS, sends=DRAFT
    ),
    Transition(
        _at(PLANNED, UPLOADED), TO_UPDATE, Event.SEND_UPDATE, SENDING, Look.DOCUMENT, sends=UPDATE
    ),
    Transition(_at(UPLOADED, DRAFTED, FAILED), THERE, Event.SEND_LINK, SENDING, sends=LINK),
    Transition(WITH_DRAFT, SOME, Event.SEND_DELETE, SENDING, Look.DOCUMENT, sends=DELETE),
)
# What easybill answered, or that it did not.
ANSWERS = (
    Transition(_sending(UPLOAD), ANY, Event.FILE_UPLOADED, UPLOADED),
    Transition(_sending(DRAFT), NONE, Event.DRAFT_CREATED, DRAFTED, then=Draft.THERE),
    Transition(_sending(UPDATE), TO_UPDATE, Event.DRAFT_UPDATED, DRAFTED, then=Draft.THERE),
    Transition(_sending(DRAFT, UPDATE), ANY, Event.OTHER_CENTS, CONFLICT),
    Transition(_sending(UPDATE), TO_UPDATE, Event.FINALISED_OVERWRITTEN, CONFLICT),
    Transition(_sending(LINK), THERE, Event.FILE_LINKED, LINKED),
    Transition(_sending(LINK), THERE, Event.LINKED_ELSEWHERE, CONFLICT),
    Transition(_sending(LINK), THERE, Event.FILE_GONE, DRAFTED),
    Transition(_sending(DELETE), SOME, Event.DRAFT_DELETED, WITHDRAWN, then=Draft.NONE),
    Transition(_sending(*Pending), ANY, Event.NOT_DONE, None),
    Transition(_sending(*Pending), ANY, Event.CALL_REFUSED, FAILED),
    Transition(_sending(*Pending), ANY, Event.ANSWER_LOST, UNKNOWN),
    Transition(_at(LINKED), THERE, Event.CLOSE, DELIVERED),
)
# What a look into easybill found.
LOOKS = (
    Transition(_doubt(UPLOAD), NONE | TO_UPDATE, Event.FILE_LOOKED_UP, PLANNED, Look.FILE),
    Transition(_doubt(UPLOAD), THERE, Event.FILE_LOOKED_UP, DRAFTED, Look.FILE),
    Transition(_doubt(DRAFT), ANY, Event.NO_DRAFT_FOUND, UPLOADED, Look.DOCUMENTS, Draft.NONE),
    Transition(TO_ADOPT, NONE | THERE, Event.DRAFT_FOUND, DRAFTED, Look.DOCUMENTS, Draft.THERE),
    Transition(
        _doubt(DRAFT) | _at(CONFLICT), TO_UPDATE, Event.DRAFT_FOUND, DRAFTED, Look.DOCUMENTS
    ),
    Transition(
        TO_ADOPT, NONE | THERE, Event.DRAFT_AND_FILE_FOUND, LINKED, Look.DOCUMENTS, Draft.THERE
    ),
    Transition(TO_ADOPT, ANY, Event.OTHER_CENTS_FOUND, CONFLICT, Look.DOCUMENTS),
    Transition(TO_ADOPT, ANY, Event.OTHER_CONTENT_FOUND, CONFLICT, Look.DOCUMENTS),
    Transition(TO_ADOPT, ANY, Event.SEVERAL_FOUND, CONFLICT, Look.DOCUMENTS),
    Transition(TO_TAKE_IN, NONE | THERE, Event.TAKEN_IN, DELIVERED, Look.DOCUMENTS, Draft.THERE),
    Transition(TO_TAKE_IN, NONE | THERE, Event.UNCLEAR, CONFLICT, Look.DOCUMENTS),
    Transition(TO_TAKE_IN, ANY, Event.ACCEPTED, DELIVERED, Look.DOCUMENT, Draft.THERE),
    Transition(
        _doubt(UPDATE) | _at(CONFLICT),
        TO_UPDATE,
        Event.DRAFT_STILL_OURS,
        UPLOADED,
        Look.DOCUMENT,
    ),
    Transition(
        _doubt(UPDATE) | _at(CONFLICT),
        TO_UPDATE,
        Event.UPDATE_FOUND,
        DRAFTED,
        Look.DOCUMENT,
        Draft.THERE,
    ),
    Transition(
        _doubt(UPDATE) | AT_REST | _at(CONFLICT),
        TO_UPDATE,
        Event.UPDATE_GIVEN_UP,
        DRAFTED,
        Look.DOCUMENT,
        Draft.THERE,
    ),
    Transition(_doubt(UPDATE) | AT_REST, TO_UPDATE, Event.DRAFT_EDITED, CONFLICT, Look.DOCUMENT),
    Transition(_doubt(LINK, DELETE), THERE, Event.DRAFT_STILL_THERE, DRAFTED, Look.DOCUMENTS),
    Transition(_doubt(DELETE), TO_UPDATE, Event.DRAFT_STILL_THERE, PLANNED, Look.DOCUMENTS),
    Transition(_doubt(LINK), THERE, Event.DRAFT_GONE, DELIVERED, Look.DOCUMENTS),
    Transition(
        _at(CONFLICT) | _doubt(DELETE),
        ANY,
        Event.DRAFT_GONE,
        WITHDRAWN,
        Look.DOCUMENTS,
        Draft.NONE,
    ),
    Transition(WITH_DRAFT, SOME, Event.NOTHING_TO_DELETE, WITHDRAWN, Look.DOCUMENT, Draft.NONE),
)
TABLE = PLANNING + CALLS + ANSWERS + LOOKS


def transition_of(export: Export | None, event: Event) -> Transition:
    """The row that permits the event; NotPermitted where none does."""
    place, draft = _place_of(export), draft_of(export)
    for row in TABLE:
        if row.event is event and place in row.places and draft in row.drafts:
            return row
    raise NotPermitted(f"{_named(export)}, draft: {draft}: '{event}' is not permitted there")


def permits(export: Export | None, event: Event) -> bool:
    """Whether the event may happen to the export."""
    try:
        transition_of(export, event)
    except NotPermitted:
        return False
    return True


def changes(export: Export, event: Event, back_to: str | None = None) -> dict[str, object]:
    """The columns that the event itself changes; NotPermitted where it may not happen.

    `back_to` is the state in which a call was announced that is known not to be done.
    """
    row = transition_of(export, event)
    state = row.to or _back(export, back_to)
    pending = export.pending if state is UNKNOWN else row.sends and str(row.sends)
    files = NO_FILES if state is WITHDRAWN else {}
    # Nobody can have done anything to it yet.
    fresh = {"draft_state": str(DraftState.DRAFT)} if event is Event.DRAFT_CREATED else {}
    known = {**_draft_then(export, row.then), **files, **fresh}
    return {"state": str(state), "pending": pending, **known}


def draft_of(export: Export | None) -> Draft:
    """What the ledger says of the draft."""
    if export is None:
        return Draft.NONE
    if export.update_planned:
        return Draft.TO_UPDATE
    return Draft.NONE if export.document_id is None else Draft.THERE


def _draft_then(export: Export, then: Draft | None) -> dict[str, object]:
    if then is Draft.NONE:
        return NO_DRAFT
    if then is Draft.THERE:
        return {"content_sha256": export.planned_sha256, "update_planned": False}
    return {"update_planned": True} if then is Draft.TO_UPDATE else {}


def _back(export: Export, state: str | None) -> ExportState:
    """Where the call that is under way was announced; NotPermitted for any other state."""
    for row in CALLS:
        if row.sends == export.pending and draft_of(export) in row.drafts:
            for place, _ in row.places:
                if place is not None and place == state:
                    return place
    raise NotPermitted(f"{_named(export)}: its call was not announced in state {state}")


def _place_of(export: Export | None) -> Place:
    if export is None:
        return (None, None)
    return (ExportState(export.state), Pending(export.pending) if export.pending else None)


def _named(export: Export | None) -> str:
    if export is None:
        return "An export that is not in the ledger"
    under_way = f" ({export.pending})" if export.pending else ""
    return (
        f"Export {export.sequence} of customer {export.customer_number} for {export.month} is"
        f" {export.state}{under_way}"
    )
