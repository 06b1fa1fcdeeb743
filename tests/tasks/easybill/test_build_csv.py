import csv
import io
import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.easybill.layout import CUSTOM_CSV
from tasks.billing.invoice import Customer, Invoice
from tasks.billing.line_item import LineItem, Service, line_items
from tasks.billing.money import gross_unit_price, plain, price_text
from tasks.billing.month import BillingMonth
from tasks.easybill.build_csv import CsvDiffers, Wanted, draft_files
from tasks.easybill.csv_file import CsvFile, upload_name
from tasks.run.whole_file import FileNotWritten
from tests.built import build_csv
from tests.tasks.billing.test_invoice import LINE, OCTOBER

GOLDEN = Path(__file__).parents[2] / "golden"
DECIMALS = (
    "quantity",
    "unit_price_net",
    "vat_percent",
    "cancellation_fee_net",
    "cancellation_fee_vat_percent",
)


def golden_invoice() -> Invoice:
    month = json.loads((GOLDEN / "oddities.json").read_text(encoding="utf-8"))
    (customer,) = month["invoicing_customers"]
    lines: list[LineItem] = []
    for row in month["invoicing_services"]:
        row["rendered_at"] = datetime.fromisoformat(row["rendered_at"])
        row |= {name: row[name] and Decimal(row[name]) for name in DECIMALS}
        lines += line_items(Service(**row), "Stornogebühr: ")
    return Invoice.of(BillingMonth.parse(month["month"]), Customer(**customer), lines)


def test_the_odd_month_is_byte_for_byte_the_file_written_by_hand(tmp_path: Path) -> None:
    built = build_csv(golden_invoice(), tmp_path)
    assert Path(built.path).read_bytes() == (GOLDEN / "oddities.csv").read_bytes()


def test_the_file_stands_under_the_customers_number(tmp_path: Path) -> None:
    built = build_csv(golden_invoice(), tmp_path / "2026-10")
    assert Path(built.path) == tmp_path / "2026-10" / "K1001.csv"
    assert [file.name for file in (tmp_path / "2026-10").iterdir()] == ["K1001.csv"]


@pytest.mark.parametrize("change", ["text", "price basis"])
def test_a_file_that_reads_back_as_other_lines_is_not_written(tmp_path: Path, change: str) -> None:
    (drafted,) = draft_files([Wanted(golden_invoice())], CUSTOM_CSV, "gross")
    assert isinstance(drafted.content, bytes)
    if change == "text":
        wrong = replace(drafted, content=drafted.content.replace(b"1.469055", b"1.469056"))
    else:
        # The texts are the same, and come to other net prices.
        wrong = replace(drafted, price_basis="net")
    with pytest.raises(CsvDiffers, match="customer K1001, 2026-10, reads back differently"):
        wrong.build(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_net_price_basis_writes_net_prices(tmp_path: Path) -> None:
    invoice = golden_invoice()
    built = build_csv(invoice, tmp_path, price_basis="net")
    rows = csv.DictReader(io.StringIO(Path(built.path).read_text("utf-8")), delimiter=";")
    assert [row["item_price"] for row in rows] == [
        price_text(line.unit_price_net) for line in invoice.lines
    ]


def test_building_again_leaves_the_same_file_alone(tmp_path: Path) -> None:
    first = build_csv(golden_invoice(), tmp_path)
    before = Path(first.path).stat()
    assert build_csv(golden_invoice(), tmp_path) == first
    assert Path(first.path).stat().st_mtime_ns == before.st_mtime_ns
    assert Path(first.path).stat().st_ino == before.st_ino


def test_a_changed_or_missing_file_is_not_intact(tmp_path: Path) -> None:
    built = build_csv(golden_invoice(), tmp_path)
    assert built.is_intact()
    Path(built.path).write_bytes(b"something else")
    assert not built.is_intact()
    Path(built.path).unlink()
    assert not built.is_intact()


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = tmp_path / "2026-10"
    folder.write_text("a file where the folder should be")
    with pytest.raises(FileNotWritten, match="2026-10"):
        build_csv(golden_invoice(), folder)
    assert [entry.name for entry in tmp_path.iterdir()] == ["2026-10"]


def test_the_upload_bears_twelve_digits_of_the_content() -> None:
    assert upload_name("2026-10", "K1", "0123456789abcdef" * 4) == "2026-10-K1-0123456789ab.csv"


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
PRICES = st.decimals(min_value=0, max_value=Decimal("99999999.9999"), places=4)
RATES = st.sampled_from([Decimal(rate) for rate in ("0", "7", "7.7", "19", "5.5")])


@given(title=TEXTS, street=TEXTS, price=PRICES, rate=RATES)
def test_a_second_reader_finds_every_text_and_price(
    tmp_path_factory: pytest.TempPathFactory, title: str, street: str, price: Decimal, rate: Decimal
) -> None:
    title = f"x{title}"
    line = replace(LINE, title=title, unit_price_net=price, vat_percent=rate)
    invoice = Invoice.of(OCTOBER, Customer("K1", company_name="Größe", street=street), [line])
    built = build_csv(invoice, tmp_path_factory.mktemp("csv"))
    text = Path(built.path).read_bytes().decode("utf-8")
    (row,) = csv.DictReader(io.StringIO(text, newline=""), delimiter=";")
    assert (row["title"], row["street"]) == (title, street)
    assert row["item_price"] == price_text(gross_unit_price(price, rate))
    assert row["vat_percent"] == plain(rate)


def test_a_file_knows_what_it_comes_to(tmp_path: Path) -> None:
    built = build_csv(Invoice.of(OCTOBER, Customer("K1"), [LINE]), tmp_path)
    # 68.33 net, 20 % VAT is 13.666, rounded 13.67
    assert replace(built, path="", sha256="", layout_sha256="") == CsvFile(
        "2026-10", "K1", "", "", 1, 6833, 8200, ""
    )
