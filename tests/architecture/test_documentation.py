"""The pages for people say what the code is, and lead to what is there."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture import documentation
from tests.architecture.source import Module, is_below, modules
from tests.architecture.test_house import house
from tests.shared import ROOT

MAP = (ROOT / "docs" / "internals" / "architecture.md").read_text(encoding="utf-8")
GLOSSARY = (ROOT / "docs" / "internals" / "glossary.md").read_text(encoding="utf-8")
EASYBILLS = ("blocks.easybill", "tasks.easybill")
# What every flow and block needs of Prefect.
USUAL_OF_PREFECT = (
    *("prefect.flow", "prefect.Flow", "prefect.blocks.core", "prefect.runtime", "prefect.states"),
    *("prefect.client.schemas.objects.State", "prefect.exceptions", "prefect.logging"),
)


def test_the_map_has_every_room_with_its_own_line() -> None:
    rows = documentation.table(documentation.section(MAP, "## Rooms"))
    assert rows == documentation.rooms(ROOT)


@pytest.mark.parametrize("page", documentation.pages(ROOT), ids=lambda page: page.name)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert documentation.paths_not_there(ROOT, text) == []


@pytest.mark.parametrize("page", documentation.pages(ROOT), ids=lambda page: page.name)
def test_every_command_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert documentation.commands_not_there(ROOT, text) == []


def test_the_map_names_all_that_knows_easybill_outside_of_its_rooms() -> None:
    named = documentation.section(MAP, "### Another invoicing service beside easybill")
    outside = [module for module in modules(ROOT) if not any(map(module.is_in, EASYBILLS))]
    assert_named(named, [module for module in outside if imports_any(module, EASYBILLS)])


def test_the_map_names_all_that_asks_more_of_prefect_than_is_usual() -> None:
    named = documentation.section(MAP, "### Upgrade Prefect")
    asking = [
        module
        for module in modules(ROOT)
        if any(
            is_below(name, "prefect") and not any(is_below(name, u) for u in USUAL_OF_PREFECT)
            for _, name in module.imports()
        )
    ]
    assert_named(named, asking)


def assert_named(text: str, expected: list[Module]) -> None:
    paths = [str(module.path) for module in expected]
    assert [path for path in paths if f"`{path}`" not in text] == []


def imports_any(module: Module, packages: tuple[str, ...]) -> bool:
    return any(is_below(name, package) for _, name in module.imports() for package in packages)


def test_the_picture_of_the_readme_is_the_order_of_a_month() -> None:
    order = ast.get_docstring(parsed("flows/invoice_month.py")) or ""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f" {' --> '.join(re.findall(r'[a-z]+(?=[,.])', order))}\n" in readme


def test_the_order_of_a_month_is_the_order_of_its_calls() -> None:
    order = ast.get_docstring(parsed("flows/invoice_month.py")) or ""
    called = {"plan": "decide", "check": "check_month", "report": "finish"}
    steps = [called.get(step, f"_{step}") for step in re.findall(r"[a-z]+(?=[,.])", order)]
    assert [call for call in calls_of("invoice_month") if call in steps] == steps


def parsed(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def calls_of(function: str) -> list[str]:
    tree = parsed(f"flows/{function}.py")
    (found,) = (n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == function)
    calls = [n.func for n in ast.walk(found) if isinstance(n, ast.Call)]
    names = [n for n in calls if isinstance(n, ast.Name)]
    return [n.id for n in sorted(names, key=lambda n: (n.lineno, n.col_offset))]


def test_the_glossary_is_in_the_order_of_the_alphabet_and_has_each_word_once() -> None:
    words = [word for word, *_ in documentation.table(GLOSSARY)]
    assert words == sorted(set(words), key=str.casefold)


def test_every_name_of_the_code_in_the_glossary_is_there() -> None:
    names = " ".join(name for *_, name in documentation.table(GLOSSARY))
    assert documentation.names_not_there(ROOT, names) == []


def test_every_link_between_the_pages_leads_somewhere() -> None:
    assert documentation.broken_links(ROOT) == []


def test_a_path_and_a_name_that_are_not_there_are_seen(tmp_path: Path) -> None:
    root = house(tmp_path, {"tasks/plan/decide.py": "LIMIT = 1\nclass Plan:\n    size: int\n"})
    text = "`tasks/plan/`, `tasks/plan/decide.py`, `tasks/plan/gone.py`, `a/b c`, `gone.md`"
    assert documentation.paths_not_there(root, text) == ["tasks/plan/gone.py", "gone.md"]
    assert documentation.names_not_there(root, "`Plan`, `size`, `LIMIT`, `Gone`") == ["Gone"]


def test_a_command_that_is_not_there_is_seen(tmp_path: Path) -> None:
    root = house(tmp_path, {"Makefile": "test: install\n"})
    text = "`make test`, make it so,\n```\nmake gone\npython -m tasks.gone.ask\n```\n"
    text += "`python -m tasks.ask`"
    assert documentation.commands_not_there(root, text) == [
        "make gone",
        "python -m tasks.gone.ask",
    ]


@pytest.mark.parametrize(
    ("link", "is_broken"),
    [
        ("docs/other.md", False),
        ("docs/gone.md", True),
        ("docs/other.md#two-words-of-ask", False),
        ("docs/other.md#three-words", True),
        ("#here", False),
        ("#there", True),
        ("https://example.com/gone", False),
    ],
)
def test_a_link_that_leads_nowhere_is_seen(tmp_path: Path, link: str, is_broken: bool) -> None:
    root = house(
        tmp_path,
        {
            "README.md": f"# Here\n\n[one]({link})\n`[code](gone)`\n",
            "docs/other.md": "## Two words of `ask`\n```\n# three words\n```\n",
        },
    )
    assert documentation.broken_links(root) == ([f"README.md links to {link}"] if is_broken else [])


def test_a_section_ends_at_the_next_heading_of_its_level() -> None:
    text = "# A\none\n## B\ntwo\n### C\nthree\n## D\nfour\n"
    assert documentation.section(text, "## B") == "two\n### C\nthree\n"
