"""Into which draft went service S, and if into none, why?"""

from pathlib import Path

from tests.asking import Asking


def draft(asking: Asking, external_id: str = "oms:2026-10:K1") -> int:
    return int(asking.world.easybill.draft(external_id)["id"])


def test_price_and_fee_are_told_with_draft_month_and_position(asking: Asking) -> None:
    asking.world.add_customer("K1")
    asking.world.add_service("S-0", "K1", rendered_at="2026-10-01T00:00:00")
    asking.world.add_service("S-1", "K1", fee="5.00", fee_vat="19")
    asking.run()
    code, text = asking.ask("service", "S-1")
    number = draft(asking)
    lines = text.splitlines()
    assert lines[0] == (
        f"Service S-1 of customer K1, rendered 2026-10-15 12:00:00, is in draft {number}."
    )
    assert lines[1].startswith(f"    service: position 2, 2026-10, customer K1, draft {number}: ")
    assert lines[2].startswith("    cancellation_fee: position 3, 2026-10, customer K1, draft")
    assert lines[1].endswith(f"https://easybill.example/document/{number}")
    assert code == 0


def test_what_came_late_is_in_the_further_draft(asking: Asking) -> None:
    asking.world.add_customer("K1")
    asking.world.add_service("S-1", "K1")
    asking.run()
    asking.world.easybill.finalise(draft(asking))
    asking.world.add_service("S-2", "K1")
    code, text = asking.ask("service", "S-2")
    assert (code, text.splitlines()[1]) == (1, "    service: in no draft")
    assert "is new" in text
    asking.run()
    code, text = asking.ask("service", "S-2")
    assert code == 0
    assert f"is in draft {draft(asking, 'oms:2026-10:K1:2')}." in text
    assert "position 1, 2026-10" in text


def test_cancelled_without_a_fee_is_in_no_draft_and_nothing_is_amiss(asking: Asking) -> None:
    asking.world.add_customer("K1")
    asking.world.add_service("S-1", "K1", status="cancelled")
    code, text = asking.ask("service", "S-1")
    assert text.endswith("is in no draft: cancelled without a fee, so nothing is billed.")
    assert code == 0


def test_a_service_of_a_failed_customer_bears_the_reason(asking: Asking) -> None:
    asking.world.add_customer("K1", in_easybill=False)
    asking.world.add_service("S-1", "K1")
    asking.run()
    code, text = asking.ask("service", "S-1")
    assert "easybill has no customer with number K1" in text
    assert code == 1


def test_a_row_that_is_not_sound_is_the_reason(asking: Asking) -> None:
    asking.world.add_customer("K1")
    asking.world.add_service("S-1", "K1")
    asking.world.change_service("S-1", status="done")
    code, text = asking.ask("service", "S-1")
    assert text.startswith("Service S-1 is in no draft.\n")
    assert "status is done, expected rendered or cancelled" in text
    assert code == 1


def test_a_service_of_a_month_that_was_not_run_or_is_not_over_says_so(asking: Asking) -> None:
    asking.world.add_customer("K1")
    asking.world.add_service("S-1", "K1")
    asking.world.add_service("S-2", "K1", rendered_at="2099-12-01T00:00:00")
    assert "2026-10 was never run for account main" in asking.ask("service", "S-1")[1]
    assert "2099-12 is not over yet" in asking.ask("service", "S-2")[1]


def test_a_service_that_left_the_oms_is_still_found_in_its_draft(asking: Asking) -> None:
    asking.world.add_customer("K1")
    asking.world.add_service("S-1", "K1")
    asking.run()
    asking.world.remove_service("S-1")
    code, text = asking.ask("service", "S-1")
    assert text.startswith(f"Service S-1 is in draft {draft(asking)}.")
    assert "The OMS does not bill it any more" in text
    assert code == 0


def test_without_the_file_the_draft_is_told_without_the_position(asking: Asking) -> None:
    asking.world.add_customer("K1")
    asking.world.add_service("S-1", "K1")
    asking.run()
    Path(str(asking.world.exports()["K1"].csv_path)).unlink()
    code, text = asking.ask("service", "S-1")
    assert "    service: 2026-10, customer K1, draft" in text
    assert code == 0


def test_a_service_that_nobody_knows_is_said_to_be_unknown(asking: Asking) -> None:
    asking.world.add_customer("K1")
    code, text = asking.ask("service", "S-1")
    assert "neither the OMS nor the ledger knows service" in text
    assert code == 1
