"""What a CSV on the disk comes to, from its text alone."""

from dataclasses import replace
from pathlib import Path

import pytest

from tasks.easybill.csv_file import CsvFile, CsvUnreadable
from tasks.easybill.csv_rows import PriceBasis
from tasks.report.place_lines import PlacedDraft
from tasks.report.read_back import read_back
from tasks.report.reconcile import Amounts
from tasks.run.connections import Connections
from tests.built import build_csv
from tests.tasks.easybill.test_build_csv import golden_invoice


def with_basis(connections: Connections, price_basis: PriceBasis) -> Connections:
    account = connections.account.model_copy(update={"csv_price_basis": price_basis})
    return replace(connections, account=account)


def amounts_of(connections: Connections, file: CsvFile, expected: Amounts) -> Amounts:
    draft = PlacedDraft((file.customer_number, 1), file, file.path, None, "previewed")
    return read_back(connections, [draft])(file.path, expected)


@pytest.fixture
def expected() -> Amounts:
    totals = golden_invoice().totals
    return Amounts(totals.net_cents, totals.gross_cents)


@pytest.mark.parametrize("written", ["gross", "net"])
@pytest.mark.parametrize("now", ["gross", "net"])
def test_a_file_comes_to_what_it_was_written_from_whatever_the_basis_is_now(
    connections: Connections,
    tmp_path: Path,
    expected: Amounts,
    written: PriceBasis,
    now: PriceBasis,
) -> None:
    file = build_csv(golden_invoice(), tmp_path, price_basis=written)
    assert amounts_of(with_basis(connections, now), file, expected) == expected


def test_a_price_that_no_net_price_has_is_read_all_the_same(
    connections: Connections, tmp_path: Path, expected: Amounts
) -> None:
    file = build_csv(golden_invoice(), tmp_path)
    path = Path(file.path)
    path.write_bytes(path.read_bytes().replace(b";1;11.90;19", b";1;11.91;19", 1))
    found = amounts_of(connections, file, expected)
    assert found == Amounts(expected.net_cents + 1, expected.gross_cents + 1)


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "K1001.csv is missing"), (b"a;b\n1;2\n", "K1001.csv cannot be read: ")],
)
def test_a_file_that_cannot_be_read_says_why(
    connections: Connections, tmp_path: Path, expected: Amounts, content: bytes | None, said: str
) -> None:
    file = build_csv(golden_invoice(), tmp_path)
    if content is None:
        Path(file.path).unlink()
    else:
        Path(file.path).write_bytes(content)
    with pytest.raises(CsvUnreadable, match=said):
        amounts_of(connections, file, expected)
