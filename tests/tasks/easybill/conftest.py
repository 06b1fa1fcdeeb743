"""What deliveries are tried with: the sandbox over real HTTP, a real ledger, and faults."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from blocks.easybill.client import EasybillClient
from blocks.easybill.limiter import RequestLimiter
from blocks.ledger.ledger import Export, Ledger
from tasks.billing.invoice import Customer, Invoice
from tasks.easybill.delivery import Delivery
from tasks.easybill.lookup import EasybillLookup
from tasks.easybill.parcel import Parcel
from tests.built import build_csv
from tests.tasks.billing.test_invoice import FEE, LINE, OCTOBER
from tests.world import World

LOST = [
    {"kind": "status", "status": 500, "effect": "before"},
    {"kind": "status", "status": 502, "effect": "after"},
    {"kind": "close_before"},
    {"kind": "close_after"},
    {"kind": "garbage", "effect": "after"},
]
NOT_DONE: list[dict[str, Any]] = [
    {"kind": "status", "status": 409, "effect": "before"},
    {"kind": "status", "status": 429, "effect": "before", "headers": {"Retry-After": "0"}},
]


@pytest.fixture
def easybill_client(world: World) -> Iterator[EasybillClient]:
    key = SecretStr(world.easybill.api_key)
    limiter = RequestLimiter.in_memory(1_000_000)
    with EasybillClient(key, world.easybill.base_url, limiter=limiter) as client:
        yield client


@pytest.fixture
def new_delivery(world: World, easybill_client: EasybillClient) -> Callable[[], Delivery]:
    """A delivery as a fresh run opens it."""

    def opened() -> Delivery:
        return Delivery(
            ledger=world.ledger,
            client=easybill_client,
            lookup=EasybillLookup(easybill_client, OCTOBER.following().first_day),
            flow_run_id=None,
        )

    return opened


@pytest.fixture
def parcel(world: World) -> Parcel:
    return parcel_of(world, Invoice.of(OCTOBER, Customer("K1"), [LINE, FEE]))


def parcel_of(world: World, invoice: Invoice) -> Parcel:
    (customer,) = world.easybill.add_customers([{"number": "K1", "company_name": "Weiß GmbH"}])
    return Parcel(
        invoice,
        build_csv(invoice, world.export_dir / "2026-10"),
        customer["id"],
    )


def only_export(ledger: Ledger) -> Export:
    (export,) = ledger.exports("2026-10")
    return export


def dearer_parcel(world: World) -> Parcel:
    """K1's parcel, whose one line has become dearer."""
    dearer = replace(LINE, unit_price_net=Decimal("70.00"))
    return parcel_of(world, Invoice.of(OCTOBER, Customer("K1"), [dearer]))
