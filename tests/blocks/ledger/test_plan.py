"""Planning an export and claiming its lines, in one step."""

from datetime import UTC, datetime, timedelta

import pytest

from blocks.ledger.errors import AlreadyBilled, LedgerConflict, LedgerError, NotPermitted
from blocks.ledger.ledger import BilledLine, Claim, Ledger, Planned
from blocks.ledger.states import Event
from tests.blocks.ledger.conftest import (
    Plan,
    as_if,
    digest_of,
    open_account,
    reason_in,
    service_lines,
    why,
)


def test_a_planned_export_reads_back_as_it_was_answered(ledger: Ledger, plan: Plan) -> None:
    planned = plan("K1", "S1", "S2")

    assert ledger.find_export("2026-10", "K1", 1) == planned
    assert ledger.exports("2026-10") == [planned]
    assert (planned.account, planned.month) == (ledger.account, "2026-10")
    assert planned.state == "planned"
    assert (planned.line_count, planned.net_cents, planned.gross_cents) == (2, 27916, 33499)
    assert (planned.attempts, planned.document_id, planned.attachment_id) == (0, None, None)


def test_timestamps_are_aware_and_in_utc(plan: Plan) -> None:
    planned = plan("K1", "S1")

    assert planned.created_at.tzinfo is UTC
    assert abs(datetime.now(UTC) - planned.created_at) < timedelta(seconds=30)
    assert planned.updated_at == planned.created_at


def test_an_export_that_was_never_planned_is_none(ledger: Ledger) -> None:
    assert ledger.find_export("2026-10", "K1", 1) is None
    assert ledger.exports("2026-10") == []


def test_exports_are_listed_by_customer_and_sequence(ledger: Ledger, plan: Plan) -> None:
    plan("K2", "S3")
    plan("K1", "S2", sequence=2)
    plan("K1", "S1")

    listed = [(export.customer_number, export.sequence) for export in ledger.exports("2026-10")]
    assert listed == [("K1", 1), ("K1", 2), ("K2", 1)]
    assert ledger.exports("2026-11") == []


def test_a_plan_claims_its_lines(ledger: Ledger, plan: Plan) -> None:
    planned = plan("K1", "S1", "S2")

    assert ledger.lines_of(planned) == service_lines("S1", "S2")
    asked = [*service_lines("S1", "S3"), BilledLine("S1", "cancellation_fee")]
    assert ledger.billed_lines(asked) == {
        BilledLine("S1", "service"): Claim(planned, digest_of("S1"))
    }


def test_a_service_and_its_fee_may_belong_to_different_exports(ledger: Ledger, plan: Plan) -> None:
    plan("K1", "S1")
    fee = BilledLine("S1", "cancellation_fee")
    later = ledger.plan(
        "2026-10",
        "K1",
        2,
        Planned(
            csv_sha256="b" * 64,
            csv_path="exports/2026-10/K1.csv",
            line_count=1,
            net_cents=100,
            gross_cents=119,
            lines={fee: "f" * 64},
        ),
        flow_run_id=None,
    )

    assert ledger.billed_lines([fee]) == {fee: Claim(later, "f" * 64)}


def test_planning_again_replaces_the_claims(ledger: Ledger, plan: Plan) -> None:
    first = plan("K1", "S1", "S2")
    second = plan("K1", "S2", "S3", csv_sha256="b" * 64)

    assert second.id == first.id
    assert second.csv_sha256 == "b" * 64
    assert second.created_at == first.created_at
    assert second.updated_at > first.updated_at
    assert ledger.lines_of(second) == service_lines("S2", "S3")


def test_planning_again_clears_the_reason_but_keeps_the_attempts(
    ledger: Ledger, plan: Plan
) -> None:
    sending = ledger.advance(plan("K1", "S1"), Event.SEND_UPLOAD, attempts=3)
    refused = why("refused", "easybill_refused", '{"said": "refused"}')
    failed = ledger.advance(sending, Event.CALL_REFUSED, reason=refused)
    assert (reason_in(failed), failed.attempts) == (refused, 3)

    again = plan("K1", "S1")
    assert (again.state, reason_in(again), again.attempts) == ("planned", None, 3)


def test_the_first_call_is_announced_with_the_plan(ledger: Ledger, plan: Plan) -> None:
    announced = plan("K1", "S1", then=Event.SEND_UPLOAD)

    assert (announced.state, announced.pending, announced.attempts) == ("sending", "upload", 1)
    assert ledger.find_export("2026-10", "K1", 1) == announced
    assert ledger.lines_of(announced) == service_lines("S1")
    with pytest.raises(NotPermitted):
        plan("K2", "S2", then=Event.SEND_LINK)
    assert ledger.find_export("2026-10", "K2", 1) is None


def test_the_attachment_stays_known_only_for_the_same_csv(ledger: Ledger, plan: Plan) -> None:
    as_if(ledger, plan("K1", "S1"), "uploaded", attachment_id=77)

    assert plan("K1", "S1").attachment_id == 77
    assert plan("K1", "S1", csv_sha256="b" * 64).attachment_id is None


def test_an_export_with_a_document_is_not_planned_again(ledger: Ledger, plan: Plan) -> None:
    drafted = as_if(ledger, plan("K1", "S1"), "drafted", document_id=2**40)

    with pytest.raises(NotPermitted, match="customer K1 for 2026-10 is drafted, draft: there"):
        plan("K1", "S2")

    assert ledger.find_export("2026-10", "K1", 1) == drafted
    assert ledger.lines_of(drafted) == service_lines("S1")


def test_a_line_that_another_export_is_about_to_send_is_refused_and_nothing_is_written(
    ledger: Ledger, plan: Plan
) -> None:
    ledger.advance(plan("K1", "S1", "S2"), Event.SEND_UPLOAD)

    with pytest.raises(AlreadyBilled) as refused:
        plan("K2", "S0", "S2", sequence=3)

    assert ledger.find_export("2026-10", "K2", 3) is None
    assert ledger.billed_lines(service_lines("S0")) == {}
    said = "The service line of service S2 already belongs to export 1 of customer K1 for 2026-10"
    assert said in str(refused.value)


def test_a_refused_plan_leaves_the_earlier_plan_as_it_was(ledger: Ledger, plan: Plan) -> None:
    ledger.advance(plan("K1", "S1"), Event.SEND_UPLOAD)
    before = plan("K2", "S2")

    with pytest.raises(AlreadyBilled):
        plan("K2", "S1", "S3")

    assert ledger.find_export("2026-10", "K2", 1) == before
    assert ledger.lines_of(before) == service_lines("S2")


def test_a_plan_of_which_nothing_is_sent_gives_its_lines_up(ledger: Ledger, plan: Plan) -> None:
    first = plan("K1", "S1", "S2")

    second = plan("K2", "S2", "S3")

    assert ledger.lines_of(second) == service_lines("S2", "S3")
    assert ledger.lines_of(first) == frozenset()
    with pytest.raises(LedgerConflict, match="has changed since"):
        ledger.advance(first, Event.SEND_UPLOAD)


def test_a_refused_upload_keeps_its_reason_when_its_lines_are_taken(
    ledger: Ledger, plan: Plan
) -> None:
    sending = ledger.advance(plan("K1", "S1"), Event.SEND_UPLOAD)
    ledger.advance(sending, Event.CALL_REFUSED, reason=why("too large"))

    plan("K2", "S1")

    refused = ledger.find_export("2026-10", "K1", 1)
    assert refused is not None
    assert (refused.state, refused.error) == ("failed", "too large")


def test_withdrawn_lines_can_be_claimed_by_another_export(ledger: Ledger, plan: Plan) -> None:
    first = plan("K1", "S1")
    ledger.advance(first, Event.GIVE_UP)

    assert ledger.lines_of(first) == frozenset()
    second = plan("K1", "S1", sequence=2)
    assert ledger.billed_lines(service_lines("S1")) == {
        BilledLine("S1", "service"): Claim(second, digest_of("S1"))
    }


def test_accounts_do_not_see_each_other(ledger_url: str, ledger: Ledger, plan: Plan) -> None:
    rehearsal = open_account(ledger_url)
    rehearsed = plan("K1", "S1", ledger=rehearsal)

    assert ledger.exports("2026-10") == []
    assert ledger.billed_lines(service_lines("S1")) == {}
    assert plan("K1", "S1").id != rehearsed.id
    assert ledger.lines_of(rehearsed) == frozenset()
    assert rehearsal.lines_of(rehearsed) == service_lines("S1")
    with pytest.raises(LedgerConflict, match="now 'gone'"):
        ledger.advance(rehearsed, Event.SEND_UPLOAD)


def test_a_plan_without_lines_holds_none(ledger: Ledger, plan: Plan) -> None:
    plan("K1", "S1")

    assert ledger.lines_of(plan("K1")) == frozenset()


def test_more_lines_than_one_query_takes_are_claimed_and_found(ledger: Ledger, plan: Plan) -> None:
    services = [f"S{number}" for number in range(12_000)]
    planned = plan("K1", *services)

    found = ledger.billed_lines(service_lines(*services, "S12000"))
    assert len(found) == 12_000
    assert {claim.export for claim in found.values()} == {planned}


def test_a_kind_of_line_that_nobody_knows_is_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="billed_services_kind"):
        ledger.plan(
            "2026-10",
            "K1",
            1,
            Planned(
                csv_sha256="a" * 64,
                csv_path="K1.csv",
                line_count=1,
                net_cents=1,
                gross_cents=1,
                lines={BilledLine("S1", "fee"): "f" * 64},
            ),
            flow_run_id=None,
        )
    assert ledger.exports("2026-10") == []
