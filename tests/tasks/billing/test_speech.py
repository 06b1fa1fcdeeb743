"""Every text of the code has its words in German, and no words are left over."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from blocks.ledger.states import DraftState as DraftStateInEasybill
from blocks.ledger.states import ExportState
from blocks.oms.contract import CUSTOMERS, SERVICES
from tasks.billing.issue import Kind
from tasks.billing.line_item import LineKind
from tasks.billing.wording.speech import Speech, words_of
from tasks.compare.comparison import Verdict
from tasks.questions.listing import CALL_COLUMNS, FILE_WORDS, OUTCOMES, POSITION_COLUMNS
from tasks.report.place_lines import DraftState
from tasks.report.vat import VAT_OPTIONS
from tests.shared import ROOT

GERMAN = Speech("de")
IN_TEMPLATE = re.compile(r"""\bsay\((?:"([^"]+)"|'([^']+)')""")
# What a template counts; behind a comma comes the plural.
NOUNS = re.compile(r"\| (?:counted|named)\(([^(),]*)")
QUOTED = re.compile(r"""["']([^"']+)["']""")
# Said of values: groups, states, kinds of changes, and why a difference is no fault.
OF_VALUES = {
    *map(str, Kind),
    *get_args(DraftState),
    *("new draft", "changed amount", "changed state", "vanished draft"),
    *("new failure", "failure fixed"),
    *map(str, Verdict),
    *("accepted as it is", "edited in easybill", "finalised in easybill"),
    "is among those not invoiced",
    # Heads of the table of drafts.
    *("Customer", "Name", "Lines", "Net", "VAT", "Gross", "State", "Document", "Link"),
    *VAT_OPTIONS.values(),
    # Said by answers.
    *map(str, ExportState),
    *map(str, DraftStateInEasybill),
    *map(str, LineKind),
    *OUTCOMES,
    *("rendered", "cancelled"),
    *FILE_WORDS.values(),
    *filter(None, (*POSITION_COLUMNS, *CALL_COLUMNS)),
    *("the OMS has it no more in this month", "changed in the OMS since"),
    "the ledger does not say that this draft bills it",
}


def _calls(file: Path, *names: str, place: int) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or len(node.args) <= place:
            continue
        if _name_of(node.func) in names:
            yield from _texts(node.args[place])


def _name_of(called: ast.expr) -> str:
    """The function's name; a dot before that of a method."""
    if isinstance(called, ast.Attribute):
        return f".{called.attr}"
    return called.id if isinstance(called, ast.Name) else ""


def _texts(said: ast.expr) -> Iterator[str]:
    """The text, or both where one of two is said."""
    if isinstance(said, ast.IfExp):
        yield from (*_texts(said.body), *_texts(said.orelse))
    elif isinstance(said, ast.Constant) and isinstance(said.value, str):
        yield said.value


def _said() -> set[str]:
    modules = (ROOT / "tasks").rglob("*.py")
    said = {text for file in modules for text in _calls(file, "say", ".say", place=0)}
    for file in (ROOT / "tasks").rglob("*.j2"):
        said |= {a or b for a, b in IN_TEMPLATE.findall(file.read_text(encoding="utf-8"))}
    return said | OF_VALUES


def test_every_text_has_german_words_and_no_words_are_left_over() -> None:
    assert words_of("de")["texts"].keys() == _said()


def test_every_noun_that_is_counted_has_a_german_one_and_none_is_left_over() -> None:
    nouns: set[str] = set()
    for file in (ROOT / "tasks").rglob("*"):
        if file.suffix == ".py":
            nouns |= set(_calls(file, ".counted", ".named", place=1))
        elif file.suffix in (".toml", ".j2"):
            for counted in NOUNS.findall(file.read_text(encoding="utf-8")):
                nouns |= set(QUOTED.findall(counted))
    assert words_of("de")["nouns"].keys() == nouns


def test_german_words_have_the_same_gaps() -> None:
    for english, german in words_of("de")["texts"].items():
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", german)), english


def test_what_the_oms_is_expected_to_say_has_no_english_word() -> None:
    names = {column.name for relation in (CUSTOMERS, SERVICES) for column in relation.columns}
    for relation in (CUSTOMERS, SERVICES):
        for column in relation.columns:
            said = GERMAN.rule(column.expected)
            for name in sorted(names, key=len, reverse=True):
                said = said.replace(name, "")
            assert not re.search(r"\b(that|not|of|more|least|such|must|where)\b", said), said


def test_changes_of_amounts_have_their_sign() -> None:
    assert GERMAN.signed_amount(1_250) == "+12,50\xa0€"
    assert GERMAN.signed_amount(-300) == "-3,00\xa0€"
    assert GERMAN.signed_amount(0) == "0,00\xa0€"
    assert Speech().signed_amount(1_250) == "+12.50"


def test_counts_and_decimals_keep_every_digit() -> None:
    assert (GERMAN.number(50_695), GERMAN.number("2.5000")) == ("50.695", "2,5")
    assert Speech().number("0.1234") == "0.1234"
