"""A month of the OMS against what was invoiced by hand, over real HTTP."""

import json
from typing import Any

import pytest

from tasks.compare.comparison import ComparedCustomer, Comparison
from tasks.run.connections import Connections
from tasks.run.request import RunRequest
from tests.plain_run import connect_by_settings, run_plainly
from tests.tasks.billing.test_invoice import OCTOBER
from tests.world import MONTH, World

PERIOD = {"type": "SERVICE", "date_from": "2026-10-01", "date_to": "2026-10-31"}
BEFORE = {"type": "SERVICE", "date_from": "2026-09-01", "date_to": "2026-09-30"}


def fill(world: World, *numbers: str) -> None:
    """Each gets 100.00 net, 119.00 gross."""
    for number in numbers:
        world.add_customer(number)
        world.add_service(f"S-{number}", number)


def position(price_cents: int = 10_000, vat: int = 19, **fields: object) -> dict[str, object]:
    said = {"number": "BER", "description": "Beratung", "quantity": 1}
    return {**said, "single_price_net": price_cents, "vat_percent": vat, **fields}


def invoice(
    world: World, number: str, *items: dict[str, object], final: bool = True, **fields: object
) -> int:
    """Invoice by hand, by default as the OMS says, for services of October."""
    (customer,) = world.easybill.http.get("/customers", params={"number": number}).json()["items"]
    made = world.easybill.create(
        customer_id=customer["id"],
        items=list(items) or [position()],
        **{"service_date": PERIOD, "document_date": "2026-11-02", **fields},
    )
    document_id: int = made["id"]
    if final:
        world.easybill.finalise(document_id)
    return document_id


def compared(connections: Connections, *customers: str) -> Comparison:
    asked = frozenset(customers) or None
    report = run_plainly(connections, RunRequest(OCTOBER, asked, preview=True, compare=True))
    assert report.comparison is not None
    return report.comparison


def only_row(connections: Connections) -> ComparedCustomer:
    (row,) = compared(connections).rows
    return row


def test_what_was_invoiced_by_hand_as_the_oms_says_is_equal(
    world: World, connections: Connections
) -> None:
    fill(world, "K1")
    document_id = invoice(world, "K1")
    row = only_row(connections)
    assert (row.verdict, row.document_ids, row.remarks) == ("equal", (document_id,), ())
    assert (row.ours_net_cents, row.theirs_net_cents) == (10_000, 10_000)
    assert (row.ours_gross_cents, row.theirs_gross_cents) == (11_900, 11_900)


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([position(9_000)], "OMS BER Beratung: 1 x 100.00, VAT 19 % (S-K1); easybill BER Beratung"),
        ([position(vat=7)], "easybill BER Beratung: 1 x 100.00, VAT 7 %"),
        ([position(5_000, number="X", description="Anderes")], "not in easybill: BER Beratung"),
        ([position(), position(500, description="Porto")], "not in the OMS: BER Porto"),
    ],
    ids=["another price", "another VAT", "something else", "a line too many"],
)
def test_lines_that_are_unlike_are_named(
    world: World, connections: Connections, items: list[dict[str, object]], said: str
) -> None:
    fill(world, "K1")
    invoice(world, "K1", *items)
    row = only_row(connections)
    assert row.verdict == "differs"
    assert said in str(row)


def test_other_texts_numbers_and_lines_that_come_to_the_same_sums_are_equal(
    world: World, connections: Connections
) -> None:
    fill(world, "K1")
    invoice(world, "K1", position(2_500, number="", description="Stunden", quantity=4))
    assert only_row(connections).verdict == "equal"


def test_a_customer_on_one_side_alone_is_named(world: World, connections: Connections) -> None:
    fill(world, "K1")
    world.easybill.add_customers([{"number": "K2", "company_name": "Zwei"}])
    invoice(world, "K2")
    verdicts = {row.customer_number: row.verdict for row in compared(connections).rows}
    assert verdicts == {"K1": "only in the OMS", "K2": "only in easybill"}


def test_several_documents_that_add_up_and_drafts_are_equal_and_said(
    world: World, connections: Connections
) -> None:
    fill(world, "K1")
    first = invoice(world, "K1", position(6_000))
    second = invoice(world, "K1", position(4_000), final=False)
    row = only_row(connections)
    assert (row.verdict, row.document_ids) == ("equal", (first, second))
    assert f"2 documents, added up: {first} (202600001), {second}" in row.remarks
    assert f"still a draft: {second}" in row.remarks


def test_an_invoice_and_its_storno_cancel_out(world: World, connections: Connections) -> None:
    fill(world, "K1", "K2")
    cancelled = [invoice(world, number, position(777)) for number in ("K1", "K2")]
    for document_id in cancelled:
        world.easybill.cancel(document_id)
    again = invoice(world, "K2")
    without, with_new = compared(connections).rows
    assert (without.verdict, without.document_ids) == ("only in the OMS", ())
    assert (with_new.verdict, with_new.document_ids) == ("equal", (again,))
    assert f"as it was cancelled: {cancelled[0]} (" in str(without)


def test_the_period_of_service_comes_before_the_date(
    world: World, connections: Connections
) -> None:
    fill(world, "K1", "K2", "K3", "K4")
    invoice(world, "K1", document_date="2026-10-14")
    earlier = invoice(world, "K2", service_date=BEFORE, document_date="2026-11-03")
    invoice(world, "K3", service_date={"type": "DEFAULT"}, document_date="2026-11-20")
    invoice(world, "K4", service_date={"type": "DEFAULT"}, document_date="2026-11-21")
    rows = {row.customer_number: row for row in compared(connections).rows}
    assert [row.verdict for row in rows.values()] == [
        *("equal", "only in the OMS", "equal", "only in the OMS")
    ]
    assert f"another month's: {earlier}" in str(rows["K2"])


def test_our_own_drafts_do_not_count(world: World, connections: Connections) -> None:
    fill(world, "K1")
    run_plainly(connections, RunRequest(OCTOBER))
    assert only_row(connections).verdict == "only in the OMS"


def test_rows_that_are_not_valid_have_no_sums_and_are_said(
    world: World, connections: Connections
) -> None:
    fill(world, "K1")
    world.change_service("S-K1", quantity=-1)
    invoice(world, "K1")
    row = only_row(connections)
    assert (row.verdict, row.ours_net_cents, row.theirs_net_cents) == ("differs", None, 10_000)
    assert "cannot be invoiced: invoicing_services, row S-K1: quantity is -1" in str(row)


def test_another_currency_is_no_equal_sum(world: World, connections: Connections) -> None:
    fill(world, "K1")
    invoice(world, "K1", currency="CHF")
    row = only_row(connections)
    assert (row.verdict, row.remarks) == ("differs", ("in CHF, not in EUR",))


def test_only_the_customers_asked_for_are_compared(world: World, connections: Connections) -> None:
    fill(world, "K1", "K2")
    invoice(world, "K2")
    assert [row.customer_number for row in compared(connections, "K2").rows] == ["K2"]


def test_a_document_without_the_customers_number_is_looked_up(
    world: World, connections: Connections
) -> None:
    fill(world, "K1")
    world.easybill.add_customers([{"number": "K2", "company_name": "Zwei"}])
    document_id = invoice(world, "K2")
    listed = world.easybill.http.get(f"/documents/{document_id}").json()
    page = {"page": 1, "pages": 1, "limit": 1000, "total": 1}
    world.easybill.plant_fault(
        "status",
        "GET",
        "/documents",
        status=200,
        times=4,
        body=json.dumps({**page, "items": [{**listed, "customer_snapshot": None}]}),
    )
    found = {row.customer_number: row.verdict for row in compared(connections).rows}
    assert found == {"K1": "only in the OMS", "K2": "only in easybill"}


def test_nothing_is_written_but_files(world: World, connections: Connections) -> None:
    fill(world, "K1", "K2")
    invoice(world, "K1")
    world.easybill.forget_requests()
    comparison = compared(connections)
    assert world.easybill.writes() == 0
    assert world.ledger.exports(MONTH) == []
    assert world.ledger.calls(MONTH) == []
    folder = world.export_dir / "preview" / MONTH
    kept: dict[str, Any] = json.loads((folder / "comparison.json").read_text())
    assert kept["counts"] == {
        "equal": 1,
        "differs": 0,
        "only in the OMS": 1,
        "only in easybill": 0,
    }
    first = kept["rows"][0]
    assert (first["customer_number"], first["verdict"]) == ("K1", "equal")
    page = (folder / "comparison.html").read_text()
    assert "Not equal: 1 of 2 customers." in page
    assert comparison.headline() == (
        "2026-10: compared with easybill, nothing sent: 1 equal, 1 only in the OMS."
        " K2 (only in the OMS)"
    )


def test_the_page_is_in_the_language_of_reports(
    world: World, connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPORT_LANGUAGE", "de")
    fill(world, "K1", "K2")
    document_id = invoice(world, "K1", position(9_050), final=False)
    report = run_plainly(connect_by_settings(), RunRequest(OCTOBER, preview=True, compare=True))
    assert report.comparison is not None
    page = (world.export_dir / "preview" / MONTH / "comparison.html").read_text()
    page = page.replace("\xa0", " ")
    for said in (
        "Oktober 2026: das OMS und was von Hand in easybill steht",
        "Nicht gleich: 2 von 2 Kunden.",
        "<td>abweichend</td>",
        "<td>nur im OMS</td>",
        # 90.50 is 9.50 less than 100.00; gross 107.70 is 11.30 less than 119.00
        "easybill hat netto -9,50 €, brutto -11,30 € mehr.",
        f"noch ein Entwurf: {document_id}",
        "1 x 90,50, USt 19 %",
    ):
        assert said in page
