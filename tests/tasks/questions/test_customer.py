"""Why is customer K missing in October?"""

from blocks.ledger.states import Event
from tests.asking import Asking


def ask(asking: Asking, number: str = "K1") -> tuple[int, str]:
    return asking.ask("customer", number, "--month", "2026-10")


def test_a_customer_with_all_in_drafts_is_invoiced_and_the_draft_named(asking: Asking) -> None:
    asking.world.add_customer("K1")
    asking.world.add_service("S-1", "K1")
    asking.run()
    code, text = ask(asking)
    draft = asking.world.easybill.draft("oms:2026-10:K1")["id"]
    assert text.startswith("K1 K1 GmbH is invoiced for 2026-10.\n")
    assert f"draft {draft}: 1 line, net 100.00, gross 119.00, delivered 20" in text
    assert f"https://easybill.example/document/{draft}" in text
    assert code == 0


def test_a_customer_without_services_has_nothing_to_be_invoiced(asking: Asking) -> None:
    asking.world.add_customer("K1")
    asking.run()
    code, text = ask(asking)
    assert text == "K1 K1 GmbH has no services in 2026-10: there is nothing to invoice."
    assert code == 0


def test_a_customer_that_nobody_knows_is_said_to_be_unknown(asking: Asking) -> None:
    asking.world.add_customer("K1")
    asking.run()
    code, text = ask(asking, "K7")
    assert "neither the OMS nor the ledger knows customer" in text
    assert "Check the number" in text
    assert code == 1


def test_services_of_a_customer_that_the_oms_lacks_are_named(asking: Asking) -> None:
    asking.world.add_service("S-1", "K1")
    code, text = ask(asking)
    assert "has services but is not in invoicing_customers" in text
    assert code == 1


def test_a_customer_that_failed_bears_the_reason_and_the_next_step(asking: Asking) -> None:
    asking.world.add_customer("K1", vat_option="IG")
    asking.world.add_service("S-1", "K1")
    asking.run()
    code, text = ask(asking)
    assert text.startswith("K1 K1 GmbH is not invoiced for 2026-10: 1 line in no draft")
    assert "vat_option IG takes the invoice out of VAT" in text
    assert (
        "Next: Decide which of the two is right and fix it in the OMS, then run the month again."
        in text
    )
    assert code == 1


def test_a_month_that_was_not_run_is_the_reason(asking: Asking) -> None:
    asking.world.add_customer("K1")
    asking.world.add_service("S-1", "K1")
    code, text = ask(asking)
    assert "2026-10 was never run for account main" in text
    assert "python -m flows.monthly_invoicing --month 2026-10" in text
    assert code == 1


def test_a_customer_that_no_run_was_for_is_told_so(asking: Asking) -> None:
    for number in ("K1", "K2"):
        asking.world.add_customer(number)
        asking.world.add_service(f"S-{number}", number)
    asking.run(["K2"])
    assert "not billed by any run yet" in ask(asking)[1]


def test_a_draft_that_was_deleted_and_seen_to_be_is_the_reason(asking: Asking) -> None:
    asking.world.add_customer("K1")
    asking.world.add_service("S-1", "K1")
    asking.run()
    draft = asking.world.easybill.draft("oms:2026-10:K1")["id"]
    asking.world.easybill.delete(draft)
    asking.run()
    code, text = ask(asking)
    assert text.startswith("K1 K1 GmbH is not wholly invoiced for 2026-10.")
    assert f"draft {draft} was deleted in easybill\n" in text
    assert "run the month with recreate_deleted" in text
    assert code == 1


def test_a_draft_that_was_withdrawn_is_the_reason(asking: Asking) -> None:
    asking.world.add_customer("K1")
    asking.world.add_service("S-1", "K1")
    asking.run()
    ledger = asking.connections.ledger
    ledger.advance(asking.world.exports()["K1"], Event.BILL_AGAIN)
    code, text = ask(asking)
    assert "the draft was withdrawn, or deleted in easybill and given up" in text
    assert code == 1


def test_a_further_draft_stands_beside_the_first(asking: Asking) -> None:
    asking.world.add_customer("K1")
    asking.world.add_service("S-1", "K1")
    asking.run()
    asking.world.easybill.finalise(asking.world.easybill.draft("oms:2026-10:K1")["id"])
    asking.world.add_service("S-2", "K1", price="1.00")
    asking.run()
    code, text = ask(asking)
    assert text.count("    draft ") == 2
    assert "net 1.00, gross 1.19, delivered" in text
    assert code == 0
