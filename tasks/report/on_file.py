"""The report that lies in a folder, as far as it can be read.

Another version wrote it perhaps, or it is damaged: then that part of it counts as not there, and
the log says so.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NotRequired, TypedDict, TypeVar

import jinja2
import msgspec

from tasks.billing.issue import Issue, IssueCode
from tasks.billing.wording import text_of
from tasks.load.late import LateMonth
from tasks.run.log import run_log

JSON_NAME = "report.json"
Part = TypeVar("Part")


class DraftOnFile(TypedDict):
    """What changes are told by, of a draft."""

    customer_number: str
    sequence: int
    net_cents: int
    gross_cents: int
    document_id: int | None
    state: str


class FailureOnFile(TypedDict):
    """What changes are told by, of a customer that is not invoiced."""

    customer_number: str
    reason: str
    kind: str


class Change(TypedDict):
    """What is different of a customer; by how much its net grew, in cents."""

    kind: str
    customer_number: str
    words: str
    net_cents: NotRequired[int]


class _LateOnFile(TypedDict):
    month: str
    customers: tuple[str, ...]
    line_count: int
    net_cents: int
    issues: NotRequired[list[dict[str, Any]]]


def drafts_on_file(folder: Path) -> list[DraftOnFile] | None:
    """The drafts of the report in the folder; None where they can't be read."""
    return _part(folder, "drafts", list[DraftOnFile])


def failures_on_file(folder: Path) -> list[FailureOnFile] | None:
    """The customers that were not invoiced by it; None where they can't be read."""
    return _part(folder, "failures", list[FailureOnFile])


def changes_on_file(folder: Path) -> list[Change]:
    """The changes that it tells; none where they can't be read."""
    return _part(folder, "changes", list[Change]) or []


def was_whole(folder: Path) -> bool | None:
    """Whether a run for all customers was among those that drew it up; None: it does not say."""
    return _part(folder, "is_whole", bool, is_new=True)


def changed_at_on_file(folder: Path, content: Mapping[str, Any]) -> datetime | None:
    """When the report last changed; None where it says anything else than this content."""
    said = _part(folder, "changed_at", str, is_new=True)
    if said is None:
        return None
    on_file = msgspec.json.decode((folder / JSON_NAME).read_bytes())
    parts = {n: part for n, part in on_file.items() if n not in ("changed_at", "changes")}
    is_same = parts == msgspec.json.decode(msgspec.json.encode(content))
    return datetime.fromisoformat(said) if is_same else None


def late_on_file(folder: Path) -> tuple[LateMonth, ...]:
    """What earlier months owe by it; nothing where that can't be read."""
    try:
        return tuple(map(_late, _part(folder, "late", list[_LateOnFile]) or ()))
    except (KeyError, TypeError, ValueError, jinja2.TemplateError) as error:
        _warn(folder, "late", error)
        return ()


def _late(content: _LateOnFile) -> LateMonth:
    issues = tuple(
        Issue(**{**issue, "code": IssueCode(issue["code"])}) for issue in content.get("issues", ())
    )
    for issue in issues:
        # Its words may need facts that another version did not keep.
        text_of(issue)
    return LateMonth(
        content["month"], content["customers"], content["line_count"], content["net_cents"], issues
    )


def _part(folder: Path, name: str, kind: type[Part], *, is_new: bool = False) -> Part | None:
    """A part of the report; one that `is_new` is missing in reports of earlier versions."""
    try:
        parts = msgspec.json.decode((folder / JSON_NAME).read_bytes(), type=dict[str, msgspec.Raw])
        if is_new and name not in parts:
            return None
        return msgspec.json.decode(parts[name], type=kind)
    except FileNotFoundError:
        return None
    except (OSError, KeyError, msgspec.DecodeError) as error:
        _warn(folder, name, error)
        return None


def _warn(folder: Path, name: str, error: Exception) -> None:
    run_log().warning(
        "%s: %r cannot be read, so it counts as not there: %r", folder / JSON_NAME, name, error
    )
