"""Is October complete? Each way in which it is, or is not."""

import re
from dataclasses import replace
from datetime import datetime

from tests.asking import Asking
from tests.tasks.billing.test_invoice import OCTOBER
from tests.world import World


def fill(world: World, *numbers: str) -> None:
    for number in numbers:
        world.add_customer(number)
        world.add_service(f"S-{number}", number)


def squeezed(text: str) -> str:
    return re.sub(" +", " ", text)


def test_a_month_whose_services_all_stand_in_drafts_is_complete(asking: Asking) -> None:
    fill(asking.world, "K1", "K2")
    asking.world.add_service("S-2", "K1", status="cancelled", fee="25.00", fee_vat="0")
    asking.world.add_service("S-3", "K1", status="cancelled")
    asking.world.add_customer("K3")
    asking.run()
    code, text = asking.ask("month", "2026-10")
    assert text.startswith("Yes: 2026-10 is complete")
    assert code == 0
    # S-K1 and S-K2 at 100.00, the fee at 25.00; a cancellation without a fee is no line
    assert "In the OMS 3 225.00" in squeezed(text)
    assert "In drafts 3 225.00 2 drafts" in squeezed(text)
    assert "In no draft 0 0.00" in squeezed(text)


def test_a_month_that_was_never_run_is_not_complete_and_names_nobody(asking: Asking) -> None:
    fill(asking.world, "K1", "K2")
    code, text = asking.ask("month", "2026-10")
    assert text.startswith("No: 2026-10 was never run for account main.")
    assert code == 1
    assert "In no draft 2 200.00" in squeezed(text)
    assert "K1" not in text


def test_a_month_before_the_first_one_is_none_that_was_missed(asking: Asking) -> None:
    fill(asking.world, "K1")
    since = replace(
        asking, connections=replace(asking.connections, invoicing_from=OCTOBER.following())
    )
    assert since.ask("month", "2026-10")[1].startswith("No: 2026-10 is before 2026-11, the first")
    assert "before 2026-11" in since.ask("customer", "K1", "--month", "2026-10")[1]


def test_a_month_that_still_runs_is_not_complete(asking: Asking) -> None:
    fill(asking.world, "K1")
    asking.world.add_service("S-9", "K1", rendered_at="2099-12-05T12:00:00")
    code, text = asking.ask("month", "2099-12")
    assert text.startswith("No: 2099-12 is not over yet, run it after 2099-12-31.")
    assert code == 1


def test_customers_with_unsound_rows_are_named_with_the_reason(asking: Asking) -> None:
    fill(asking.world, "K1", "K2")
    asking.world.change_service("S-K2", quantity=-3)
    asking.run()
    code, text = asking.ask("month", "2026-10")
    assert text.startswith("No: 2026-10 is not complete, 1 of 2 customers are not invoiced")
    assert code == 1
    assert "Not to be read ? ? 1 customer with rows that are not valid" in squeezed(text)
    assert "\nK2 K2 GmbH\n" in text
    assert "quantity is -3" in text
    assert "K1 K1 GmbH" not in text


def test_a_customer_that_easybill_lacks_is_named_with_the_reason_of_the_run(
    asking: Asking,
) -> None:
    fill(asking.world, "K1")
    asking.world.add_customer("K2", in_easybill=False)
    asking.world.add_service("S-K2", "K2", price="7.00")
    asking.run()
    code, text = asking.ask("month", "2026-10")
    assert code == 1
    assert "In no draft 1 7.00" in squeezed(text)
    assert "K2 K2 GmbH: 1 line in no draft, net 7.00" in text
    assert "easybill has no customer with number K2" in text
    asking.world.easybill.add_customers([{"number": "K2", "company_name": "K2"}])
    asking.run()
    assert asking.ask("month", "2026-10")[0] == 0


def test_what_came_late_is_counted_until_it_is_billed(asking: Asking) -> None:
    fill(asking.world, "K1")
    asking.world.add_customer("K2")
    asking.run()
    asking.world.add_service("S-late", "K1", price="12.00")
    asking.world.add_service("S-first", "K2", price="3.00")
    code, text = asking.ask("month", "2026-10")
    assert code == 1
    assert "of these late 2 15.00" in squeezed(text)
    assert "K1 K1 GmbH: 1 late line in no draft, net 12.00" in text
    assert "service S-late is new" in text
    assert "not billed by any run yet" in text
    assert "What changed" not in text
    asking.run()
    code, text = asking.ask("month", "2026-10")
    assert (code, "late" in text) == (0, False)
    changes = text.split("What changed, as the last report says:\n")[1]
    assert squeezed(changes).splitlines() == [
        "K1 changed amount net 100.00 became 112.00",
        "K2 new draft net 3.00",
    ]


def test_services_changed_or_gone_since_they_were_billed_are_named(asking: Asking) -> None:
    fill(asking.world, "K1", "K2")
    asking.world.add_service("S-2", "K2")
    asking.run()
    asking.world.change_service("S-K1", unit_price_net=101)
    asking.world.remove_service("S-2")
    code, text = asking.ask("month", "2026-10")
    assert code == 1
    assert "2 of 2 customers" in text
    assert "service S-K1 changed" in text
    assert "service S-2 is gone" in text
    asking.run()
    assert asking.ask("month", "2026-10")[0] == 0


def test_a_draft_that_was_deleted_is_named_once_a_run_has_seen_it(asking: Asking) -> None:
    fill(asking.world, "K1")
    asking.run()
    draft = asking.world.easybill.draft("oms:2026-10:K1")["id"]
    asking.world.easybill.delete(draft)
    assert asking.ask("month", "2026-10")[0] == 0
    asking.run()
    code, text = asking.ask("month", "2026-10")
    assert code == 1
    assert f"draft {draft} was deleted in easybill" in text


def test_a_service_that_moved_to_another_month_after_it_was_billed_is_not_open_there(
    asking: Asking,
) -> None:
    fill(asking.world, "K1", "K2")
    asking.run()
    asking.world.change_service("S-K1", rendered_at=datetime(2026, 9, 30, 12))
    _, text = asking.ask("month", "2026-09")
    assert "In drafts of other months 1 100.00" in squeezed(text)
    assert "In no draft 0 0.00" in squeezed(text)
    assert "in the OMS nothing is left of what draft" in asking.ask("month", "2026-10")[1]


def test_a_run_that_works_on_the_month_is_named(asking: Asking) -> None:
    fill(asking.world, "K1")
    asking.connections.ledger.take_lease("2026-10", "run 4711", 60)
    assert "A run works on it now: run 4711, last seen " in asking.ask("month", "2026-10")[1]


def test_where_a_delivery_stopped_is_named(asking: Asking) -> None:
    fill(asking.world, "K1")
    asking.world.easybill.plant_fault("status", "POST", "/documents", status=409, share=1.0)
    asking.run()
    _, text = asking.ask("month", "2026-10")
    assert "POST /documents was answered with 409" in text
