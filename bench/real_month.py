"""A month of real size: the shared order data, or generated data of the same size."""

import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
from sqlalchemy import create_engine, insert
from sqlalchemy.pool import NullPool

from demo.relations import INVOICING_CUSTOMERS, INVOICING_SERVICES, METADATA

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("INVOICING_SHARED", ROOT.parent / "shared")) / "data"
ROWS_AT_ONCE = 5_000
CUSTOMERS_OF_A_MONTH, LINES_OF_A_MONTH = 1_425, 50_695


@dataclass(frozen=True, slots=True)
class OrderBook:
    """Rows of the OMS's two relations."""

    origin: str
    customers: pl.DataFrame
    services: pl.DataFrame

    @property
    def served(self) -> int:
        """How many customers have a service."""
        return self.services["customer_number"].n_unique()

    def of_month(self, month: str) -> "OrderBook":
        """The same customers, and this month's services alone."""
        lies_in = pl.col("rendered_at").dt.strftime("%Y-%m") == month
        return OrderBook(self.origin, self.customers, self.services.filter(lies_in))


def order_book(month: str) -> OrderBook:
    """The shared order data where it is there, else rows made up for this month."""
    services, customers = SHARED / "services.parquet", SHARED / "customers.parquet"
    if services.is_file() and customers.is_file():
        return OrderBook("shared data", pl.read_parquet(customers), pl.read_parquet(services))
    return generated(month, CUSTOMERS_OF_A_MONTH, LINES_OF_A_MONTH)


def fill(url: str, book: OrderBook) -> None:
    """Create the two relations and load the rows, money as exact decimals."""
    engine = create_engine(url, poolclass=NullPool)
    METADATA.drop_all(engine)
    METADATA.create_all(engine)
    with engine.begin() as connection:
        for table, frame in (
            (INVOICING_CUSTOMERS, book.customers),
            (INVOICING_SERVICES, book.services),
        ):
            for rows in frame.iter_slices(ROWS_AT_ONCE):
                connection.execute(insert(table), rows.to_dicts())


def write_easybill_customers(book: OrderBook, file: Path) -> None:
    """The customers as a sandbox takes them."""
    names = ("company_name", "first_name", "last_name", "street", "zip_code", "city", "country")
    rows = [
        {"number": row["customer_number"]}
        | {name: row[name] for name in names if row.get(name) is not None}
        for row in book.customers.to_dicts()
    ]
    file.write_text(json.dumps(rows), encoding="utf-8")


def generated(month: str, customer_count: int, line_count: int) -> OrderBook:
    """Rows made up for this month, the same each time; every customer has its share of lines."""
    chance = Random(month)  # noqa: S311 - a draw, not a secret
    first = datetime.fromisoformat(f"{month}-01T08:00:00")
    customers: list[dict[str, Any]] = [
        {
            "customer_number": f"K{number}",
            "company_name": f"Größe & Söhne; {number}",
            "first_name": None,
            "last_name": None,
            "country": "DE",
            "currency": "EUR",
        }
        for number in range(10_000, 10_000 + customer_count)
    ]
    services: list[dict[str, Any]] = []
    for place in range(line_count):
        cancelled = chance.random() < 0.02
        services.append(
            {
                "service_id": f"S{place:06d}",
                "customer_number": customers[place % customer_count]["customer_number"],
                "order_number": str(500_000 + place // 20),
                "rendered_at": first + timedelta(seconds=chance.randrange(26 * 86_400)),
                "service_code": f"C{chance.randrange(4_000)}",
                "name": f'Leistung "{chance.randrange(4_000)}"',
                "description": "nach Aufwand; je Stück",
                "quantity": Decimal(chance.randrange(1, 50)),
                "unit": "Stück",
                "unit_price_net": Decimal(chance.randrange(1, 20_000)).scaleb(-4),
                "vat_percent": Decimal(19),
                "status": "cancelled" if cancelled else "rendered",
                "cancellation_fee_net": Decimal("2.50") if cancelled else None,
                "cancellation_fee_vat_percent": Decimal(19) if cancelled else None,
            }
        )
    return OrderBook(
        "generated data",
        pl.DataFrame(customers, infer_schema_length=None),
        pl.DataFrame(services, infer_schema_length=None),
    )
