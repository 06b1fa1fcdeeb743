"""The report beside the CSVs: a page and a table for people, `report.json` for programs."""

from datetime import UTC, datetime
from pathlib import Path

from tasks.report.changes import changes_between
from tasks.report.drafts_table import drafts_table
from tasks.report.json_text import Json, json_bytes, report_as_json
from tasks.report.month_report import MonthReport
from tasks.report.on_file import (
    JSON_NAME,
    Change,
    changed_at_on_file,
    changes_on_file,
    drafts_on_file,
    failures_on_file,
    was_whole,
)
from tasks.report.page import page_of
from tasks.run.whole_file import write_whole

HTML_NAME, TABLE_NAME = "report.html", "drafts.xlsx"


def keep_report(report: MonthReport) -> None:
    """Write the files, each whole or not at all; one that would say the same stays as it is.

    The changes are those since the report that lies there; where nothing changed, the last ones,
    and the time is that of the last change.
    """
    folder = Path(report.folder)
    content = report_as_json(report)
    changes = _changes(folder, content, report)
    changed_at = changed_at_on_file(folder, content) or datetime.now(UTC).replace(microsecond=0)
    # The JSON last: changes are computed from it, again where we were interrupted.
    write_whole(folder / HTML_NAME, page_of(report, changes, changed_at).encode())
    write_whole(folder / TABLE_NAME, drafts_table(report, changed_at))
    whole = {**content, "changed_at": changed_at.isoformat(), "changes": changes}
    write_whole(folder / JSON_NAME, json_bytes(whole))


def _changes(folder: Path, now: Json, report: MonthReport) -> list[Change]:
    """What is different from the report in the folder; where nothing is, what that one tells.

    The first report of the whole month is compared with nothing.
    """
    drafts, failures = drafts_on_file(folder), failures_on_file(folder)
    is_first = report.is_whole and was_whole(folder) is False
    if drafts is None or failures is None or is_first:
        return []
    before = {"drafts": drafts, "failures": failures}
    return changes_between(before, now, report.speech) or changes_on_file(folder)
