"""Two months of a small firm: September is invoiced, October but for two customers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, insert
from sqlalchemy.pool import NullPool

from demo.customers import DEMO_CUSTOMERS
from demo.relations import INVOICING_CUSTOMERS, INVOICING_SERVICES, METADATA
from tests.easybill_sandbox import RunningSandbox
from tests.prefect_server import PrefectServer, within
from tests.world import MONTH, World

MONTHLY = "monthly-invoicing/monthly-invoicing"
SEPTEMBER = "2026-09"
CUSTOMERS = DEMO_CUSTOMERS[:18]
SPOILED, SPOILED_SERVICE = "K1004", f"{MONTH}-K1004-0"
UNKNOWN = "K1041"
_OFFERS = (
    ("BER-01", "Beratung vor Ort", "Std.", "118.50", 19),
    ("WAR-02", "Wartung der Anlage", "Pausch.", "249.00", 19),
    ("LIT-04", "Fachbuch „Größen & Maße“", "Stk.", "46.7290", 7),
    ("DAT-06", "Datenübertragung", "GB", "1.2345", 19),
    ("EIN-07", "Einweisung, zwei Personen", "Std.", "68.33", 19),
    ("PFL-08", "Pflanzenpflege", "Monat", "57.50", 7),
)
_EASYBILLS = ("company_name", "first_name", "last_name", "street", "zip_code", "city", "country")


@dataclass(frozen=True, slots=True)
class October:
    """The world, and the runs that an operator finds in Prefect.

    A service of the customer SPOILED has no quantity; the customer UNKNOWN is new, and nobody has
    told easybill yet.
    """

    server: PrefectServer
    world: World
    september_run: dict[str, Any]
    month_run: dict[str, Any]
    own_runs: dict[str, dict[str, Any]]

    @property
    def report(self) -> Path:
        """The accountant's report."""
        return self.world.export_dir / MONTH / "report.html"

    def fix(self) -> None:
        """What somebody does in the OMS who has read why SPOILED failed."""
        self.world.change_service(SPOILED_SERVICE, quantity=2)


def october_with_two_failures(
    server: PrefectServer, sandbox: RunningSandbox, folder: Path
) -> October:
    """Run the two months as an operator would."""
    world = World(
        oms_url=f"sqlite:///{folder / 'oms.db'}",
        ledger_url=f"sqlite:///{folder / 'ledger.db'}",
        export_dir=folder / "exports",
        easybill=sandbox,
    )
    _fill(world.oms_url)
    sandbox.add_customers(
        {"number": row["customer_number"], **{name: row[name] or "" for name in _EASYBILLS}}
        for row in CUSTOMERS
    )
    link = f"{sandbox.page_url}documents/{{document_id}}"
    server.run(
        ["blocks.register", "--replace"], {**world.environment, "EASYBILL_DOCUMENT_URL": link}
    )
    september_run = server.run_deployment(MONTHLY, "-p", f"month={SEPTEMBER}")
    _spoil(world)
    month_run = server.run_deployment(MONTHLY, "-p", f"month={MONTH}")
    own_runs = {number: _own_run(server, month_run, number) for number in (SPOILED, UNKNOWN)}
    return October(server, world, september_run, month_run, own_runs)


def _fill(oms_url: str) -> None:
    engine = create_engine(oms_url, poolclass=NullPool)
    METADATA.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(INVOICING_CUSTOMERS), [dict(row) for row in CUSTOMERS])
        connection.execute(insert(INVOICING_SERVICES), [*_services(SEPTEMBER), *_services(MONTH)])


def _services(month: str) -> Iterator[dict[str, object]]:
    first = datetime.fromisoformat(f"{month}-01T10:00:00")
    for i, customer in enumerate(CUSTOMERS):
        for line in range(3 + i % 3):
            code, name, unit, price_net, vat_percent = _OFFERS[(i + line) % len(_OFFERS)]
            yield {
                "service_id": f"{month}-{customer['customer_number']}-{line}",
                "customer_number": customer["customer_number"],
                "order_number": f"A-{first:%y%m}-{i + 1}",
                "rendered_at": first.replace(day=2 + (i + 7 * line) % 26),
                "service_code": code,
                "name": name,
                "quantity": Decimal(2 + (i + line + first.month) % 4),
                "unit": unit,
                "unit_price_net": Decimal(price_net),
                "vat_percent": Decimal(vat_percent),
                "status": "rendered",
            }


def _spoil(world: World) -> None:
    world.change_service(SPOILED_SERVICE, quantity=0)
    world.add_customer(
        UNKNOWN,
        in_easybill=False,
        company_name="Ladenbau Neuanfang GmbH",
        street="Marktweg 2",
        zip_code="18055",
        city="Rostock",
    )
    world.add_service(f"{MONTH}-{UNKNOWN}-0", UNKNOWN, price="118.50", quantity="4")


def _own_run(server: PrefectServer, month_run: dict[str, Any], number: str) -> dict[str, Any]:
    def found() -> dict[str, Any] | None:
        runs = server.flow_runs("invoice-customer", parent_flow_run_id={"any_": [month_run["id"]]})
        return next((run for run in runs if run["parameters"]["customer_number"] == number), None)

    return server.ended(within(60, found, f"no run was created for {number}")["id"])
