"""A decision by a sentence is seen; to show, keep or miss one is none."""

from pathlib import Path

import pytest

from tests.architecture.sentences import UNAVOIDABLE, decisions_by_sentence
from tests.architecture.test_house import house
from tests.shared import ROOT


def complaints(folder: Path, text: str, file: str = "tasks/upload.py") -> list[str]:
    return decisions_by_sentence(house(folder, {file: text}))


@pytest.mark.parametrize(
    "decision",
    [
        'if "locked" in str(error):',
        'if str(error) == "locked":',
        'if str(error.orig).startswith("no such "):',
        'if "timeout" in f"{error}".lower():',
        'if error.args[0] == "locked":',
        'if error.args == ("locked",):',
        'if re.search("locked", str(error)):',
        "if LOCKED.fullmatch(repr(error)):",
        'if any(word in str(error) for word in ("locked", "busy")):',
        'if (reason := str(error)).endswith("locked"):',
    ],
)
def test_a_decision_by_an_exceptions_text_is_seen(tmp_path: Path, decision: str) -> None:
    text = f"try:\n    send()\nexcept OSError as error:\n    {decision}\n        pass\n"
    assert complaints(tmp_path, text) == ["tasks/upload.py:4 decides by a sentence"]


@pytest.mark.parametrize(
    "decision",
    [
        'export.error == "is being withdrawn"',
        '(export.error or "").startswith("is being withdrawn")',
        'export.error[:18] != "is being withdrawn"',
        "export.error != reason.text",
        'state.message in ("nothing sent", None)',
        '"nothing sent" in state.message.lower()',
        'body.get("message") == "locked"',
        'row["reason"] == failure["reason"]',
        'exports.c.error.like("is being %")',
        'text_of(issue) == "the draft is gone"',
        "\"SELECT id FROM exports WHERE error LIKE 'is being %'\"",
        "\"CASE WHEN substr(error, 1, 8) = 'is being' THEN 1 END\"",
        '{"prefect.state-message": "*nothing sent*"}',
    ],
)
def test_a_decision_by_words_that_are_kept_or_shown_is_seen(tmp_path: Path, decision: str) -> None:
    text = f"def found():\n    return {decision}\n"
    assert complaints(tmp_path, text) == ["tasks/upload.py:2 decides by a sentence"]


def test_a_sentence_is_known_by_the_name_that_it_gets(tmp_path: Path) -> None:
    text = """\
def is_locked(failure: EasybillError) -> bool:
    said = str(failure)
    return said.startswith("locked")

def kind(state):
    message = state.message
    match message:
        case "nothing sent":
            return 1
"""
    assert complaints(tmp_path, text) == [
        "tasks/upload.py:3 decides by a sentence",
        "tasks/upload.py:7 decides by a sentence",
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "found = export.error is None",
        "found = 'failed' if export.error else 'done'",
        "found = export.reason_code == reason.code",
        "found = issue.code is IssueCode.DRAFT_EDITED",
        "found = error.sqlite_errorcode == 5",
        "found = {'error': str(error), 'reason': reason.text}",
        "found = ' '.join(call.error.split())",
        "found = f'{export.error}: {reason.text}'",
        "found = \"INSERT INTO exports (id, error) VALUES (1, 'gone')\"",
        "found = \"{{ event.resource['prefect.state-message'] }}\"",
        "found = name.startswith('oms')",
    ],
)
def test_to_show_to_keep_or_to_miss_a_sentence_is_free(tmp_path: Path, statement: str) -> None:
    assert complaints(tmp_path, statement) == []


def test_what_is_unavoidable_is_there_and_has_no_company() -> None:
    assert len(UNAVOIDABLE) <= 2
    assert all((ROOT / path).is_file() for path in UNAVOIDABLE)
