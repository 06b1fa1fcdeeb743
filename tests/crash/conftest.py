"""A small part of a month of real size."""

import polars as pl
import pytest

from bench.real_month import OrderBook, order_book

MONTH = "2026-10"
CUSTOMERS = 60


@pytest.fixture(scope="session")
def book() -> OrderBook:
    """Sixty customers who have services in the month."""
    whole = order_book(MONTH).of_month(MONTH)
    numbers = whole.services["customer_number"].unique().sort().head(CUSTOMERS).implode()
    theirs = pl.col("customer_number").is_in(numbers)
    return OrderBook(whole.origin, whole.customers.filter(theirs), whole.services.filter(theirs))
