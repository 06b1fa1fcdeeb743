"""The house keeps its rules, and each rule sees it when a house does not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture import rules
from tests.architecture.sentences import decisions_by_sentence
from tests.shared import ROOT

Rule = Callable[[Path], list[str]]

RULES: tuple[Rule, ...] = (
    rules.imports_against_the_arrows,
    rules.imports_against_the_order_of_rooms,
    rules.folders_without_init,
    rules.packages_not_as_listed,
    rules.files_left_out_of_packages,
    rules.flows_named_like_modules,
    rules.classes_in_flows,
    rules.long_modules,
    rules.exceptions_without_a_reason,
    decisions_by_sentence,
    rules.floats_in_billing,
    rules.locked_traps,
)


def house(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


def pyproject(*packages: str) -> str:
    return f"[tool.setuptools]\npackages = {list(packages)}\n"


def lock(**versions: str) -> str:
    known = {"fastapi": "0.150.0", "sqlalchemy": "2.0.58", "prefect": "3.8.8"} | versions
    return "".join(f'[[package]]\nname = "{n}"\nversion = "{v}"\n' for n, v in known.items())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_the_rule(rule: Rule) -> None:
    assert rule(ROOT) == []


@pytest.mark.parametrize(
    ("file", "statement"),
    [
        ("tasks/upload.py", "import flows"),
        ("tasks/upload.py", "from flows.monthly import run"),
        ("tasks/billing/money.py", "import blocks.ledger"),
        ("tasks/billing/money.py", "from prefect.states import Failed"),
        ("tasks/billing/money.py", "from tasks import upload"),
        ("tasks/billing/money.py", "from .. import upload"),
        ("tasks/billing/money.py", "from flows import monthly"),
        ("blocks/oms/block.py", "from blocks.ledger import block"),
        ("blocks/oms/block.py", "from blocks import ledger"),
        ("blocks/oms/block.py", "from ..ledger import block"),
        ("blocks/oms/block.py", "from blocks import register"),
        ("blocks/oms/block.py", "from tasks.billing.money import Totals"),
        ("blocks/easybill/sandbox/app.py", "import blocks.oms.demo"),
        ("blocks/register.py", "from tasks import upload"),
        ("flows/monthly.py", "from tests.shared import ROOT"),
        ("tasks/upload.py", "def late():\n    from demo import run"),
    ],
)
def test_an_import_against_the_arrows_is_seen(tmp_path: Path, file: str, statement: str) -> None:
    complaints = rules.imports_against_the_arrows(house(tmp_path, {file: statement}))
    assert [complaint.split(":")[0] for complaint in complaints] == [file]


@pytest.mark.parametrize(
    ("file", "statement"),
    [
        ("tasks/plan/decide.py", "from tasks.easybill.draft import draft_document"),
        ("tasks/billing/digest.py", "from tasks.run import log"),
        ("tasks/run/lease.py", "def late():\n    import tasks.report.files"),
        ("tasks/kitchen/pan.py", ""),
        ("tasks/loose.py", ""),
    ],
)
def test_an_import_of_a_later_room_is_seen(tmp_path: Path, file: str, statement: str) -> None:
    (complaint,) = rules.imports_against_the_order_of_rooms(house(tmp_path, {file: statement}))
    assert complaint.startswith(file)


def test_imports_of_rooms_before_are_free(tmp_path: Path) -> None:
    files = {
        "tasks/__init__.py": "",
        "tasks/ask.py": "from tasks.questions.service import answer",
        "tasks/easybill/draft.py": "from tasks.billing.money import plain\nfrom . import lookup",
    }
    assert rules.imports_against_the_order_of_rooms(house(tmp_path, files)) == []


def test_imports_along_the_arrows_are_free(tmp_path: Path) -> None:
    files = {
        "flows/monthly.py": "from tasks.upload import upload\nimport prefect\nimport blocks.oms",
        "tasks/upload.py": "from blocks.ledger.block import InvoiceLedger\nimport tasks.billing",
        "tasks/billing/money.py": "from tasks.billing.month import Month\nfrom . import month",
        "blocks/oms/block.py": "from blocks.oms.errors import OmsUnavailable\nimport blocksmith",
        "blocks/easybill/sandbox/app.py": "from ..layout import COLUMNS\nfrom . import store",
        "blocks/register.py": "from blocks.oms.block import OmsDatabase\nimport blocks.ledger",
    }
    assert rules.imports_against_the_arrows(house(tmp_path, files)) == []


def test_a_folder_that_is_no_regular_package_is_seen(tmp_path: Path) -> None:
    files = {"blocks/oms/block.py": "", "tests/test_it.py": "", "tests/__init__.py": ""}
    assert rules.folders_without_init(house(tmp_path, files)) == ["blocks/oms has no __init__.py"]


def test_a_package_that_setuptools_does_not_know_is_seen(tmp_path: Path) -> None:
    files = {"tasks/__init__.py": "", "blocks/__init__.py": ""}
    files["pyproject.toml"] = pyproject("blocks", "flows")
    assert rules.packages_not_as_listed(house(tmp_path, files)) == [
        "pyproject.toml does not list tasks",
        "pyproject.toml lists flows, which is not there",
    ]


def test_a_template_that_setuptools_would_leave_out_is_seen(tmp_path: Path) -> None:
    files = {"tasks/__init__.py": "", "tasks/page.html.j2": "", "tasks/words.toml": ""}
    files["pyproject.toml"] = pyproject("tasks") + 'package-data = { tasks = ["*.j2"] }\n'
    assert rules.files_left_out_of_packages(house(tmp_path, files)) == [
        "pyproject.toml does not list tasks/words.toml"
    ]


@pytest.mark.parametrize("name", ["calendar", "prefect", "tasks", "loose"])
def test_a_flow_that_hides_a_module_is_seen(tmp_path: Path, name: str) -> None:
    files = {f"flows/{name}.py": "", "flows/monthly_run.py": "", "flows/__init__.py": ""}
    tree = house(tmp_path, {**files, "tasks/__init__.py": "", "loose.py": ""})
    assert rules.flows_named_like_modules(tree) == [
        f"flows/{name}.py bears the name of the importable module {name}"
    ]


def test_a_class_in_a_flow_is_seen(tmp_path: Path) -> None:
    text = "def run():\n    class Result:\n        pass\n"
    tree = house(tmp_path, {"flows/monthly.py": text, "tasks/upload.py": "class Upload: ..."})
    assert rules.classes_in_flows(tree) == ["flows/monthly.py:2 defines class Result"]


def test_a_long_module_is_seen(tmp_path: Path) -> None:
    tree = house(tmp_path, {"tests/test_a.py": "\n" * 351, "tasks/b.py": "\n" * 350})
    assert rules.long_modules(tree) == ["tests/test_a.py has 351 lines, 350 is the most"]


def test_an_exception_for_the_linter_without_a_reason_is_seen(tmp_path: Path) -> None:
    text = "a = 1  # noqa: E741\nb = 2  # noqa: E741 - as in the formula\n"
    assert rules.exceptions_without_a_reason(house(tmp_path, {"tasks/it.py": text})) == [
        "tasks/it.py:1 has # noqa: E741 without a reason"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "half = 0.5",
        "cents = float('1.5')",
        "def net(price: float) -> None: ...",
        "def net(price: 'float') -> None: ...",
        "kind = pl.Float64",
        "price = 1e2",
    ],
)
def test_a_float_in_billing_is_seen(tmp_path: Path, text: str) -> None:
    files = {"tasks/billing/money.py": text, "tasks/wait.py": "SECONDS = 0.5"}
    (complaint,) = rules.floats_in_billing(house(tmp_path, files))
    assert complaint.startswith("tasks/billing/money.py:1 has the float ")


def test_words_about_floats_are_no_floats(tmp_path: Path) -> None:
    text = '"""Never a float."""\nfloating = 100  # 0.5 is a float\n'
    assert rules.floats_in_billing(house(tmp_path, {"tasks/billing/money.py": text})) == []


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("fastapi", "0.151.0"),
        ("fastapi", "1.0.0"),
        ("sqlalchemy", "2.1.0b1"),
        ("sqlalchemy", "2.10.0"),
        ("prefect", "3.9.1"),
        ("prefect", ""),
    ],
)
def test_a_release_that_prefect_dies_of_is_seen(tmp_path: Path, name: str, version: str) -> None:
    tree = house(tmp_path, {"uv.lock": lock(**{name: version})})
    (complaint,) = rules.locked_traps(tree)
    assert complaint.startswith(f"uv.lock has {name} {version},")


def test_the_locked_releases_below_the_traps_are_free(tmp_path: Path) -> None:
    assert rules.locked_traps(house(tmp_path, {"uv.lock": lock(fastapi="0.99.1")})) == []
