"""The report beside the CSVs: `report.html` for people, `report.json` for programs."""

import json
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from tasks.billing.issue import Issue, IssueCode
from tasks.billing.money import amount_text
from tasks.billing.wording import text_of
from tasks.billing.words import counted
from tasks.load.late import LateMonth
from tasks.report.changes import changes_between
from tasks.report.history import never_run
from tasks.report.json_text import Json, json_bytes, report_as_json
from tasks.report.month_report import MonthReport
from tasks.run.whole_file import write_whole

JSON_NAME, HTML_NAME = "report.json", "report.html"
TEMPLATE = "report.html.j2"


def keep_report(report: MonthReport) -> None:
    """Write both files, each whole or not at all; one that would say the same stays as it is.

    The changes are those since the report that lies there; where nothing changed, the last ones.
    """
    folder = Path(report.folder)
    content, before = report_as_json(report), _on_file(folder)
    changes = [] if before is None else changes_between(before, content) or before["changes"]
    # The page first: the changes are computed from report.json, again where we were interrupted.
    page = _template().render(report=report, changes=changes)
    write_whole(folder / HTML_NAME, page.encode())
    write_whole(folder / JSON_NAME, json_bytes({**content, "changes": changes}))


def late_on_file(folder: Path) -> tuple[LateMonth, ...]:
    """What earlier months owe, as the report in the folder says."""
    found = _on_file(folder)
    if found is None:
        return ()
    return tuple(_late(late) for late in found["late"])


def _late(content: Json) -> LateMonth:
    issues = (
        Issue(**{**issue, "code": IssueCode(issue["code"])}) for issue in content.get("issues", ())
    )
    return LateMonth(
        **{**content, "customers": tuple(content["customers"]), "issues": tuple(issues)}
    )


def changes_on_file(folder: Path) -> list[dict[str, str]]:
    """The changes that the report in the folder tells; none where it can't be read."""
    found = _on_file(folder)
    return [] if found is None else found["changes"]


def _on_file(folder: Path) -> Json | None:
    """The report that lies there; None where there is none that can be read."""
    try:
        content: Json = dict(json.loads((folder / JSON_NAME).read_bytes()))
    except (OSError, TypeError, ValueError):
        return None
    known = {"drafts", "failures", "changes", "late"}
    return content if known <= content.keys() else None


@cache
def _template() -> Template:
    """The page, which needs no other file, no script and no network."""
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters.update(amount=amount_text, counted=counted, never_run=never_run, text=text_of)
    return pages.get_template(TEMPLATE)
