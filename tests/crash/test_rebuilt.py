"""A month whose ledger is deleted, of a few customers."""

from pathlib import Path

from bench.real_month import OrderBook
from tests.crash.conftest import CUSTOMERS, MONTH
from tests.crash.rebuilt import rebuilt_month


def test_a_deleted_ledger_is_made_anew_with_every_line_where_it_was(
    book: OrderBook, tmp_path: Path
) -> None:
    figures = rebuilt_month(book, MONTH, tmp_path)
    assert figures.second_drafts > 0
    assert figures.documents == CUSTOMERS + figures.second_drafts
    assert figures.writes_after == 0
