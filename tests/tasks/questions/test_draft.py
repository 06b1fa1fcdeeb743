"""Where does a draft's position come from?"""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.asking import Asking
from tests.tasks.billing.test_invoice import OCTOBER
from tests.world import World


def fill(world: World) -> None:
    world.add_customer("K1", company_name="Weiß & Söhne")
    world.add_service("S-3", "K1", rendered_at="2026-10-20T08:00:00", price="30.00")
    world.add_service(
        "S-1", "K1", rendered_at="2026-10-20T08:00:00", price="0.3333", quantity="1.5", fee="5.00",
        fee_vat="0",
    )  # fmt: skip
    world.add_service("S-2", "K1", rendered_at="2026-10-31T23:59:59", status="cancelled", fee="2",
                      fee_vat="19")  # fmt: skip


def draft(asking: Asking, external_id: str = "oms:2026-10:K1") -> int:
    return int(asking.world.easybill.draft(external_id)["id"])


def positions(text: str) -> list[str]:
    rows = [row for row in text.splitlines() if re.match(r" *\d+  ", row)]
    return [re.sub(" {2,}", " | ", row.strip()) for row in rows]


def test_each_position_is_told_with_its_service_order_and_amounts(asking: Asking) -> None:
    fill(asking.world)
    asking.run()
    code, text = asking.ask("draft", str(draft(asking)))
    assert code == 0
    # easybill holds the same positions in the same order
    assert positions(text) == [
        "1 | S-1 | service | A-1 | 2026-10-20 08:00:00 | 1.5 | 0.3333 | 19 | 0.50 | Beratung",
        "2 | S-1 | cancellation_fee | A-1 | 2026-10-20 08:00:00 | 1 | 5.00 | 0 | 5.00"
        " | Stornogebühr: Beratung",
        "3 | S-3 | service | A-1 | 2026-10-20 08:00:00 | 1 | 30.00 | 19 | 30.00 | Beratung",
        "4 | S-2 | cancellation_fee | A-1 | 2026-10-31 23:59:59 | 1 | 2.00 | 19 | 2.00"
        " | Stornogebühr: Beratung",
    ]
    items = asking.world.easybill.draft("oms:2026-10:K1")["items"]
    assert [item["description"] for item in items] == [
        "Beratung",
        "Stornogebühr: Beratung",
        "Beratung",
        "Stornogebühr: Beratung",
    ]
    export = asking.world.exports()["K1"]
    for fact in (
        "K1 Weiß & Söhne",
        "2026-10, sequence 1",
        "oms:2026-10:K1",
        f"{export.csv_path} (as it was sent)",
        str(export.csv_sha256),
        f"attachment   {export.attachment_id}",
        f"https://easybill.example/document/{export.document_id}",
    ):
        assert fact in text


def test_the_writes_that_sent_it_are_told_with_account_and_login(asking: Asking) -> None:
    fill(asking.world)
    asking.connections.ledger.recognise_logins([4711])
    asking.run()
    asking.connections.client_for(OCTOBER, "K1").read_document(draft(asking))
    _, text = asking.ask("draft", str(draft(asking)))
    sent = text.split("Sent for this customer and month, account main, easybill login 4711:")[1]
    assert re.findall(r"(?:POST|PUT|GET|DELETE) +/\w+", sent) == [
        "POST  /attachments",
        "POST  /documents",
        "PUT   /attachments",
    ]


def test_a_further_draft_has_its_own_positions_and_file(asking: Asking) -> None:
    fill(asking.world)
    asking.run()
    asking.world.easybill.finalise(draft(asking))
    asking.world.add_service("S-4", "K1", price="8.00")
    asking.run()
    _, text = asking.ask("draft", str(draft(asking, "oms:2026-10:K1:2")))
    assert [row.split(" | ")[1] for row in positions(text)] == ["S-4"]
    assert "2026-10, sequence 2" in text
    assert "K1~2.csv (as it was sent)" in text


def test_what_the_oms_says_otherwise_since_is_remarked(asking: Asking) -> None:
    fill(asking.world)
    asking.run()
    asking.world.change_service("S-3", unit_price_net=31)
    asking.world.remove_service("S-2")
    found = positions(asking.ask("draft", str(draft(asking)))[1])
    assert found[2].endswith("| 30.00 | 19 | 30.00 | Beratung | changed in the OMS since")
    assert found[3].startswith("4 | S-2 | cancellation_fee | - | - | 1 | 2.00")
    assert found[3].endswith("| the OMS has it no more in this month")
    assert found[0].endswith("| Beratung")


def test_without_the_file_the_positions_are_as_the_oms_has_them(asking: Asking) -> None:
    fill(asking.world)
    asking.run()
    file = Path(str(asking.world.exports()["K1"].csv_path))
    before = positions(asking.ask("draft", str(draft(asking)))[1])
    file.write_text(file.read_text().replace("Beratung", "Betreuung"))
    _, text = asking.ask("draft", str(draft(asking)))
    assert "IS NOT AS IT WAS SENT" in text
    assert positions(text) == before
    file.unlink()
    asking.world.remove_service("S-3")
    _, text = asking.ask("draft", str(draft(asking)))
    assert "IS NOT THERE" in text
    assert [row.split(" | ")[1] for row in positions(text)] == ["S-1", "S-1", "S-2"]
    assert "in no position: S-3, service" in text


@pytest.mark.parametrize("price", ["30.00", "11.90"])
def test_a_file_that_was_written_with_net_prices_is_read_as_such(
    asking: Asking, price: str
) -> None:
    # 11.90 could be gross as well: 10.00 net at 19 %
    asking.world.add_customer("K1")
    asking.world.add_service("S-1", "K1", price=price)
    net = asking.connections.account.model_copy(update={"csv_price_basis": "net"})
    replace(asking, connections=replace(asking.connections, account=net)).run()
    (found,) = positions(asking.ask("draft", str(draft(asking)))[1])
    assert found.endswith(f"| 1 | {price} | 19 | {price} | Beratung")


def test_a_draft_that_the_ledger_does_not_know_is_told_so(asking: Asking) -> None:
    code, text = asking.ask("draft", "4711")
    assert text == "Account main of the ledger knows no draft 4711."
    assert code == 1
