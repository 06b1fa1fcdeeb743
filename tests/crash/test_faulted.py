"""A month in which one request of twenty goes wrong is green after some runs, to the cent."""

from pathlib import Path

import pytest
from sqlalchemy import URL

from bench.real_month import OrderBook
from tests.crash.conftest import CUSTOMERS, MONTH
from tests.crash.faulted import faulted_month


@pytest.mark.parametrize("seed", [1, 2])
def test_a_month_with_faults_on_every_twentieth_request_becomes_green_to_the_cent(
    book: OrderBook, postgres_server: URL, tmp_path: Path, seed: int
) -> None:
    tally = faulted_month(book, MONTH, postgres_server, tmp_path, share=0.05, seed=seed)
    assert tally.faults > 0


def test_without_faults_one_run_is_enough(
    book: OrderBook, postgres_server: URL, tmp_path: Path
) -> None:
    tally = faulted_month(book, MONTH, postgres_server, tmp_path, share=0.0, seed=1)
    assert (len(tally.runs), tally.faults) == (1, 0)
    # Two look-ups beside the three requests that each draft takes, and who the key belongs to.
    assert tally.requests <= 3 * CUSTOMERS + 5
