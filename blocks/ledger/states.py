"""The words of the protocol: the states of an export, its calls, and what can happen to it."""

from enum import StrEnum


class ExportState(StrEnum):
    """How far one customer's month has come."""

    PLANNED = "planned"
    SENDING = "sending"
    UPLOADED = "uploaded"
    DRAFTED = "drafted"
    LINKED = "linked"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CONFLICT = "conflict"
    WITHDRAWN = "withdrawn"
    SKIPPED = "skipped"


IN_DOUBT = frozenset({ExportState.SENDING, ExportState.UNKNOWN})


class Pending(StrEnum):
    """The call to easybill that is under way while an export is in doubt."""

    UPLOAD = "upload"
    DRAFT = "draft"
    UPDATE = "update"
    LINK = "link"
    DELETE = "delete"


class DraftState(StrEnum):
    """What became of a draft in easybill, as the last look at it found."""

    DRAFT = "draft"
    EDITED = "edited"
    FINALISED = "finalised"
    CANCELLED = "cancelled"
    DELETED = "deleted"


class CreationState(StrEnum):
    """How far the creation of a customer in easybill has come."""

    SENDING = "sending"
    CREATED = "created"
    NOT_CREATED = "not_created"


class Draft(StrEnum):
    """What the ledger says of an export's draft."""

    NONE = "none"
    THERE = "there"
    TO_UPDATE = "to update"


class Look(StrEnum):
    """What is looked up in easybill before a write."""

    NOTHING = "nothing"
    FILE = "attachment by name"
    DOCUMENTS = "documents by external id"
    DOCUMENT = "document by id"


class Event(StrEnum):
    """What happens to an export."""

    PLAN = "plan"
    PLAN_UPDATE = "plan an update"
    FAIL = "cannot be invoiced"
    SKIP = "nothing to bill"
    NOTE = "note what differs"
    RELEASE = "release a cancelled invoice's services"
    REMOVE_FILE = "remove the file"
    GIVE_UP = "services are gone"
    LOSE_LINES = "another plan takes its lines"

    SEND_UPLOAD = "upload the file"
    SEND_DRAFT = "create the draft"
    SEND_UPDATE = "update the draft"
    SEND_LINK = "link the file"
    SEND_DELETE = "delete the draft"

    FILE_UPLOADED = "file uploaded"
    DRAFT_CREATED = "draft created"
    DRAFT_UPDATED = "draft updated"
    FINALISED_OVERWRITTEN = "finalised document overwritten"
    OTHER_CENTS = "draft has other cents"
    FILE_LINKED = "file linked"
    LINKED_ELSEWHERE = "file linked elsewhere"
    FILE_GONE = "file is gone"
    DRAFT_DELETED = "draft deleted"
    NOT_DONE = "call not done"
    CALL_REFUSED = "call refused"
    ANSWER_LOST = "answer lost"
    CLOSE = "replaced file removed"

    FILE_LOOKED_UP = "file looked up"
    NO_DRAFT_FOUND = "no draft found"
    DRAFT_FOUND = "draft found"
    DRAFT_AND_FILE_FOUND = "draft and file found"
    OTHER_CENTS_FOUND = "other cents found"
    SEVERAL_FOUND = "several documents found"
    OTHER_CONTENT_FOUND = "other content found"
    DRAFT_STILL_OURS = "draft is still ours"
    UPDATE_FOUND = "update found"
    UPDATE_GIVEN_UP = "update given up"
    TAKEN_IN = "document taken in"
    UNCLEAR = "document is unclear"
    ACCEPTED = "accepted by a person"
    DRAFT_EDITED = "draft was edited"
    DRAFT_STILL_THERE = "draft is still there"
    DRAFT_GONE = "draft is gone"
    NOTHING_TO_DELETE = "nothing to delete"
    BILL_AGAIN = "bill again"
