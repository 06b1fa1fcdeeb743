"""The layout compared with the customer's own template."""

import subprocess
import sys
from pathlib import Path

import pytest

from blocks.easybill.layout import COLUMNS
from blocks.easybill.layout_template import main
from tests.shared import ROOT

HEADER = ";".join(COLUMNS)


def template(folder: Path, text: str, encoding: str = "utf-8") -> str:
    file = folder / "template.csv"
    file.write_bytes(text.encode(encoding))
    return str(file)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1"])
def test_a_template_with_our_columns_fits(
    tmp_path: Path, encoding: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"{HEADER}\r\n{'Müller;' * 34}x\r\n"
    assert main([template(tmp_path, text, encoding)]) == 0
    assert "has the 35 columns" in capsys.readouterr().out


def test_order_and_quotes_make_no_difference(tmp_path: Path) -> None:
    names = ";".join(f'"{name}"' for name in reversed(COLUMNS))
    assert main([template(tmp_path, f"{names};\n")]) == 0


@pytest.mark.parametrize("encoding", ["utf-8-sig", "iso-8859-1"])
def test_each_difference_is_listed(
    tmp_path: Path, encoding: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = HEADER.replace("phone_number;", "") + ";sku;Währung\n"
    assert main([template(tmp_path, text, encoding)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "missing in the template: phone_number",
        "only in the template, not written: Währung",
        "more than once in the template: sku",
    ]


@pytest.mark.parametrize("text", ["", "\n", HEADER.replace(";", ","), "PK\0\0;\0", f'"{HEADER}'])
def test_a_file_that_is_no_template_is_refused(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([template(tmp_path, text)]) == 2
    assert "';' as the separator" in capsys.readouterr().err


def test_a_field_without_an_end_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([template(tmp_path, "x" * 200_000)]) == 2
    assert "is no CSV file" in capsys.readouterr().err


def test_a_missing_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "absent.csv")]) == 2
    assert main([str(tmp_path)]) == 2
    assert "absent.csv can't be read: No such file or directory." in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["a.csv", "b.csv"], ["--help"]])
def test_other_arguments_print_the_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert "Usage: python -m blocks.easybill.layout TEMPLATE.csv" in capsys.readouterr().err


def test_it_runs_as_a_module(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "blocks.easybill.layout", template(tmp_path, "sku;x\n")]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (1, "")
    assert "only in the template, not written: x" in run.stdout
