"""Draft status: what became of a draft of ours in easybill."""

from enum import StrEnum


class DraftStatus(StrEnum):
    """What became of a draft of ours.

    `touched`: edited or finalised by somebody else. `duplicated`: several documents have its
    external id. `unreadable`: easybill's answer about it is not as its API describes one.
    """

    UNTOUCHED = "untouched"
    TOUCHED = "touched"
    GONE = "gone"
    DUPLICATED = "duplicated"
    UNREADABLE = "unreadable"
