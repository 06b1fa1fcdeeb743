"""Layouts from a terminal: a template adopted, checked, and a layout shown."""

import subprocess
import sys
from pathlib import Path

import pytest

from blocks.easybill.layout import CUSTOM_CSV, POSITIONS, layout_of
from blocks.easybill.layout_command import main
from tests.blocks.easybill.test_layout import held, lines, read_back
from tests.shared import ROOT

HEADER = ";".join(CUSTOM_CSV.names)
# Made up after what German accounting programs export.
GERMAN = (
    "Kd-Nr.;Firma;Auftragsnr.;Positionsart;Artikelnr.;Bezeichnung;Beschreibung;Menge;Einheit;"
    "Einzelpreis netto;MwSt;Währung;Leistungsdatum\r\n"
    "10001;Müller;7;Leistung;A1;Wartung;;1,5;Std;1.200,50;19;EUR;31.10.2026\r\n"
)
ENGLISH = '"Customer no.","PO number","Item","Qty","Net price","VAT rate","SKU"\n'
NO_NAMES = "10001|Wartung|2|11.90|19\n10002|Anfahrt|1|35.70|19\n"
FILLED_IN = ["customer_number", "title", "quantity", "unit_price", "vat_percent"]


def template(folder: Path, text: str, encoding: str = "utf-8") -> str:
    file = folder / "template.csv"
    file.write_bytes(text.encode(encoding))
    return str(file)


@pytest.fixture(autouse=True)
def _no_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("EASYBILL_CSV_LAYOUT", raising=False)
    monkeypatch.chdir(tmp_path)


def test_a_german_template_is_adopted_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["adopt", template(tmp_path, GERMAN, "iso-8859-1")]) == 0
    layout = layout_of(capsys.readouterr().out)
    form = layout.form
    assert (form.encoding, form.separator, form.decimal) == ("iso-8859-1", ";", ",")
    assert (form.dates, form.line_end, form.header) == ("DD.MM.YYYY", "crlf", True)
    assert [column.holds for column in layout.columns] == [
        *("customer_number", "company_name", "order_number", "kind", "service_code", "name"),
        *("description", "quantity", "unit", "unit_price_net", "vat_percent", "currency"),
        "rendered_on",
    ]
    assert layout.columns[3].values == {"service": "Leistung", "cancellation_fee": "Stornogebühr"}
    its = lines({}, {"kind": "cancellation_fee", "unit_price_net": "0.005"})
    assert read_back(layout, layout.write(its)) == held(layout, its)


def test_what_nobody_can_know_is_left_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = template(tmp_path, ENGLISH.replace("PO number", "Colour"))
    assert main(["adopt", file]) == 1
    said = capsys.readouterr()
    assert 'decimal = "?"' in said.out
    assert 'name = "Colour"\nholds = "?"' in said.out
    assert "Places that say '?': 2. Fill in each" in said.err
    assert main(["adopt", file, "--decimal", "."]) == 1
    text = capsys.readouterr().out.replace('"?"', '"city"')
    assert layout_of(text).form.quotes == "always"
    (tmp_path / "open.toml").write_text(text.replace('"city"', '"?"'), encoding="utf-8")
    assert main(["check", "open.toml"]) == 2
    assert "Column Colour: somebody has to say" in capsys.readouterr().err


def test_a_template_without_names_is_filled_in_by_hand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["adopt", template(tmp_path, NO_NAMES), "--decimal", "."]) == 1
    text = capsys.readouterr().out
    assert "holds = \"?\"  # such as '10001'" in text
    text = text.replace('dates = "?"\n', "")
    for field in FILLED_IN:
        text = text.replace('holds = "?"', f'holds = "{field}"', 1)
    layout = layout_of(text)
    assert layout.write(lines()) == b"K1|Wartung|1|11.90|19\n"
    assert read_back(layout, layout.write(lines())) == held(layout, lines())


@pytest.mark.parametrize(
    ("layout", "code", "said"),
    [
        ("custom-csv", 0, ["custom-csv has all that a bill needs."]),
        (
            "positions",
            1,
            [
                "no column holds the customer's identifier (customer_number or order_number)",
                "no column holds the type of a cancellation fee (kind)",
                "warning: no column holds service_id, so the files do not name their services: a"
                " lost ledger is rebuilt by positions alone",
            ],
        ),
    ],
)
def test_what_a_bill_needs_and_no_column_holds_is_named(
    layout: str, code: int, said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", layout]) == code
    assert capsys.readouterr().out.splitlines() == said


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_template_with_our_columns_fits(
    tmp_path: Path, encoding: str, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ";".join(reversed(CUSTOM_CSV.names))
    assert main(["check", template(tmp_path, f"{names}\r\n{'Müller;' * 34}x\r\n", encoding)]) == 0
    assert "has the 35 columns" in capsys.readouterr().out


def test_each_difference_is_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = HEADER.replace("phone_number;", "") + ";sku;Währung\n"
    assert main(["check", template(tmp_path, text, "iso-8859-1")]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "missing in the template: phone_number",
        "only in the template, not written: Währung",
        "more than once in the template: sku",
        "the template is in iso-8859-1, utf-8 is written",
    ]


def test_a_template_is_held_against_the_layout_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EASYBILL_CSV_LAYOUT", "positions")
    assert main(["check", template(tmp_path, ",".join(POSITIONS.names) + "\n")]) == 1
    assert capsys.readouterr().out == "the template has ',' between fields, ';' is written\n"
    assert main(["show"]) == 0
    assert capsys.readouterr().out == POSITIONS.text


@pytest.mark.parametrize("text", ["", "\n", "PK\0\0;\0", "x" * 200_000])
def test_a_file_that_is_no_template_is_refused(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["adopt", template(tmp_path, text)]) == 2
    assert "has no header row" in capsys.readouterr().err


def test_a_missing_file_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adopt", "absent.csv"]) == 2
    assert "absent.csv can't be read: No such file or directory." in capsys.readouterr().err
    assert main(["check", "absent.toml"]) == 2
    assert "neither custom-csv or positions nor a file" in capsys.readouterr().err


def test_it_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "blocks.easybill.layout", "show", "custom-csv"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr, run.stdout) == (0, "", CUSTOM_CSV.text)
