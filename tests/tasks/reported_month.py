"""A small month whose every figure is known: what the report's tests are held against.

K1: 68.33 + 68.33 + 57.50 + 85.00 at 20 % = 279.16, VAT 55.83, gross 334.99
K2: 100.00 at 19 % and 50.00 at 7 % = 150.00, VAT 19.00 + 3.50, gross 172.50
K3: a row that is not valid · K4: 20.00 at 19 %, unknown to easybill · K5: no services
"""

from dataclasses import replace
from decimal import Decimal

from sqlalchemy import create_engine, update
from sqlalchemy.pool import NullPool

from blocks.ledger.tables import billed_services, exports
from tasks.billing.digest import line_digest
from tasks.billing.invoice import Invoice
from tasks.easybill.billed_content import digest_of
from tasks.load.load_services import load_services
from tasks.report.run_report import RunReport
from tasks.run.connections import Connections
from tasks.run.executor import Executor
from tasks.run.request import RunRequest
from tests.plain_run import WITHOUT_PAUSES, run_plainly
from tests.tasks.billing.test_invoice import OCTOBER
from tests.world import MONTH, World


def fill(world: World) -> None:
    """The two customers who can be invoiced."""
    world.add_customer("K1", company_name="Alpha & Söhne")
    world.add_customer("K2", company_name="Beta GmbH")
    for place, price in enumerate(("68.33", "68.33", "57.50", "85.00"), start=1):
        world.add_service(f"S1{place}", "K1", price=price, vat="20")
    world.add_service("S21", "K2", price="100.00")
    world.add_service("S22", "K2", price="50.00", vat="7")


def fill_with_trouble(world: World) -> None:
    """All five."""
    fill(world)
    world.add_customer("K3", company_name="Gamma GmbH")
    world.add_service("S31", "K3", price="10.00")
    world.change_service("S31", vat_percent=Decimal(-1))
    world.add_customer("K4", company_name="Delta GmbH", in_easybill=False)
    world.add_service("S41", "K4", price="20.00")
    world.add_customer("K5", company_name="Epsilon GmbH")


def run(
    connections: Connections,
    *customers: str,
    preview: bool = False,
    executor: Executor = WITHOUT_PAUSES,
) -> RunReport:
    """Invoice the month, of these customers or of all."""
    request = RunRequest(OCTOBER, frozenset(customers) or None, preview=preview)
    return run_plainly(connections, request, executor)


def reprice_unnoticed(world: World, number: str, price_cents: int) -> None:
    """Let easybill's draft say another price without showing that anybody edited it."""
    draft = world.easybill.draft(f"oms:{MONTH}:{number}")
    first, *others = draft["items"]
    world.easybill.edit(draft["id"], items=[{**first, "single_price_net": price_cents}, *others])
    world.easybill.stamp(draft["id"], draft["edited_at"])


def change_oms_unnoticed(
    world: World, connections: Connections, number: str, service_id: str, price: str
) -> None:
    """Let the OMS say another price while the ledger takes it for the one that was billed."""
    world.change_service(service_id, unit_price_net=Decimal(price))
    loaded = load_services(connections.oms, OCTOBER, connections.account.cancellation_fee_label)
    invoice = Invoice.of(OCTOBER, loaded.customers[number], loaded.lines[number])
    engine = create_engine(world.ledger_url, poolclass=NullPool)
    with engine.begin() as connection:
        of_customer = exports.c.customer_number == number
        digest = digest_of(invoice)
        connection.execute(update(exports).where(of_customer).values(content_sha256=digest))
        for line in invoice.lines:
            row = billed_services.c.service_id == line.service_id
            digest = line_digest(line)
            connection.execute(update(billed_services).where(row).values(line_sha256=digest))


def with_link(connections: Connections) -> Connections:
    """The same, its account with a template for links."""
    template = "https://app.example.com/documents/{document_id}"
    account = connections.account.model_copy(update={"document_url": template})
    return replace(connections, account=account)
