"""The states of an export: how far one customer's month has come."""

from enum import StrEnum


class ExportState(StrEnum):
    """What is known of an export; `sending` is written before the call that it announces."""

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
