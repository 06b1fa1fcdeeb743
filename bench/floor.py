"""The least that any script must do for a month: `python -m bench.floor 2026-10`.

Reads the services with polars, writes a CSV per customer, and sends three plain requests each.
No check, no ledger, no look before a write: what this takes is what the run is measured against.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import polars as pl
from sqlalchemy import create_engine, text

from tasks.billing.month import BillingMonth

# As many as the flow sends at once.
CUSTOMERS_AT_ONCE = 4
SERVICES = """
SELECT * FROM invoicing_services
WHERE rendered_at >= :first AND rendered_at < :next
ORDER BY customer_number, rendered_at, service_id
"""


def main(month_given: str) -> int:
    """Send the month; 0 where nothing was refused."""
    month = BillingMonth.parse(month_given)
    folder = Path(os.environ["EXPORT_DIR"]) / month_given
    folder.mkdir(parents=True, exist_ok=True)
    services = _services(os.environ["OMS_DATABASE_URL"], month)
    with _client() as easybill, ThreadPoolExecutor(CUSTOMERS_AT_ONCE) as pool:
        ids = _customer_ids(easybill)

        def send(customer: tuple[str, pl.DataFrame]) -> None:
            number, lines = customer
            file = folder / f"{number}.csv"
            lines.write_csv(file, separator=";")
            attachment = _sent(
                easybill.post("/attachments", files={"file": (file.name, file.read_bytes())})
            )
            document = _sent(
                easybill.post("/documents", json=_draft(month, number, ids[number], lines))
            )
            _sent(
                easybill.put(
                    f"/attachments/{attachment['id']}", json={"document_id": document["id"]}
                )
            )

        customers = services.partition_by("customer_number", as_dict=True, maintain_order=True)
        list(pool.map(send, ((str(key[0]), lines) for key, lines in customers.items())))
    return 0


def _services(oms_url: str, month: BillingMonth) -> pl.DataFrame:
    engine = create_engine(oms_url)
    bounds = {"first": month.first_day, "next": month.following().first_day}
    with engine.connect() as connection:
        return pl.read_database(
            text(SERVICES),
            connection,
            infer_schema_length=None,
            execute_options={"parameters": bounds},
        )


def _client() -> httpx.Client:
    return httpx.Client(
        base_url=os.environ["EASYBILL_BASE_URL"],
        headers={"Authorization": f"Bearer {os.environ['EASYBILL_API_KEY']}"},
        timeout=60,
    )


def _customer_ids(easybill: httpx.Client) -> dict[str, int]:
    ids: dict[str, int] = {}
    page, pages = 1, 1
    while page <= pages:
        answer = _sent(easybill.get("/customers", params={"limit": 1000, "page": page}))
        ids |= {customer["number"]: customer["id"] for customer in answer["items"]}
        page, pages = page + 1, answer["pages"]
    return ids


def _draft(
    month: BillingMonth, number: str, easybill_id: int, lines: pl.DataFrame
) -> dict[str, object]:
    positions = lines.select("name", "quantity", "unit_price_net", "vat_percent").iter_rows()
    return {
        "type": "INVOICE",
        "external_id": f"oms:{month}:{number}",
        "customer_id": easybill_id,
        "items": [
            {
                "description": name,
                "quantity": float(quantity),
                "single_price_net": float(price * 100),
                "vat_percent": float(vat_percent),
            }
            for name, quantity, price, vat_percent in positions
        ],
    }


def _sent(answer: httpx.Response) -> dict[str, Any]:
    return dict(answer.raise_for_status().json())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
