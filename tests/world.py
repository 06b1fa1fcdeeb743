"""A small world to invoice in: an OMS, an easybill sandbox and a ledger, all of them real."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, delete, insert, update
from sqlalchemy.pool import NullPool

from blocks.ledger.block import InvoiceLedger
from blocks.ledger.ledger import Export, Ledger
from demo.relations import INVOICING_CUSTOMERS, INVOICING_SERVICES, METADATA
from tasks.run.connections import Connections
from tests.easybill_sandbox import RunningSandbox
from tests.plain_run import connect_by_settings

MONTH = "2026-10"
ADDRESS = {"street": "Domweg 1", "zip_code": "50667", "city": "Köln"}


@dataclass(frozen=True, slots=True)
class World:
    """Where everything is, and the hands of the people who work there."""

    oms_url: str
    ledger_url: str
    export_dir: Path
    easybill: RunningSandbox
    account: str = "main"

    @property
    def environment(self) -> dict[str, str]:
        """The settings that lead to this world."""
        return {
            "OMS_DATABASE_URL": self.oms_url,
            "EASYBILL_API_KEY": self.easybill.api_key,
            "EASYBILL_BASE_URL": self.easybill.base_url,
            "EASYBILL_REQUESTS_PER_MINUTE": "100000",
            "LEDGER_DATABASE_URL": self.ledger_url,
            "EXPORT_DIR": str(self.export_dir),
        }

    @property
    def ledger(self) -> Ledger:
        """The ledger as the product opens it."""
        return InvoiceLedger(database_url=SecretStr(self.ledger_url)).open(self.account)

    def exports(self, month: str = MONTH) -> dict[str, Export]:
        """The month's first exports by customer number."""
        return {e.customer_number: e for e in self.ledger.exports(month) if e.sequence == 1}

    def add_customer(self, number: str, *, in_easybill: bool = True, **columns: str | None) -> None:
        """A customer in the OMS, and in easybill unless told otherwise."""
        usual = {"company_name": f"{number} GmbH", **ADDRESS, "country": "DE", "currency": "EUR"}
        row = {**usual, **columns}
        self._run(insert(INVOICING_CUSTOMERS).values(customer_number=number, **row))
        if in_easybill:
            known = {name: row[name] for name in ("company_name", *ADDRESS)}
            self.easybill.add_customers([{"number": number, **known}])

    def add_service(
        self,
        service_id: str,
        customer_number: str,
        *,
        price: str = "100.00",
        quantity: str = "1",
        vat: str = "19",
        rendered_at: str = f"{MONTH}-15T12:00:00",
        status: str = "rendered",
        fee: str | None = None,
        fee_vat: str | None = None,
    ) -> None:
        """A service in the OMS."""
        self._run(
            insert(INVOICING_SERVICES).values(
                service_id=service_id,
                customer_number=customer_number,
                order_number="A-1",
                rendered_at=datetime.fromisoformat(rendered_at),
                service_code="BER",
                name="Beratung",
                quantity=Decimal(quantity),
                unit="h",
                unit_price_net=Decimal(price),
                vat_percent=Decimal(vat),
                status=status,
                cancellation_fee_net=fee and Decimal(fee),
                cancellation_fee_vat_percent=fee_vat and Decimal(fee_vat),
            )
        )

    def change_service(self, service_id: str, **columns: object) -> None:
        """Fix or spoil a service."""
        rows = INVOICING_SERVICES.c.service_id == service_id
        self._run(update(INVOICING_SERVICES).where(rows).values(**columns))

    def change_customer(self, number: str, **columns: object) -> None:
        """Fix or spoil a customer."""
        rows = INVOICING_CUSTOMERS.c.customer_number == number
        self._run(update(INVOICING_CUSTOMERS).where(rows).values(**columns))

    def remove_service(self, service_id: str) -> None:
        """Take a service out of the OMS."""
        self._run(delete(INVOICING_SERVICES).where(INVOICING_SERVICES.c.service_id == service_id))

    def _run(self, statement: object) -> None:
        engine = create_engine(self.oms_url, poolclass=NullPool)
        METADATA.create_all(engine)
        with engine.begin() as connection:
            connection.execute(statement)  # type: ignore[call-overload]


@pytest.fixture
def world(tmp_path: Path, sandbox: RunningSandbox) -> World:
    """A world with nobody in it."""
    return World(
        oms_url=f"sqlite:///{tmp_path / 'oms.db'}",
        ledger_url=f"sqlite:///{tmp_path / 'ledger.db'}",
        export_dir=tmp_path / "exports",
        easybill=sandbox,
    )


@pytest.fixture
def connections(world: World, monkeypatch: pytest.MonkeyPatch) -> Connections:
    """What a run works with in this world, without Prefect."""
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    return connect_by_settings()
