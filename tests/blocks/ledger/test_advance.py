"""What happens to an export, as the protocol permits it."""

import pytest

from blocks.ledger.errors import LedgerConflict, LedgerError, NotPermitted
from blocks.ledger.ledger import Ledger
from blocks.ledger.states import Event, ExportState
from tests.blocks.ledger.conftest import Plan, as_if, only, open_account, reason_in, why


def test_an_event_writes_what_is_given_and_leaves_the_rest(ledger: Ledger, plan: Plan) -> None:
    planned = plan("K1", "S1")
    sending = ledger.advance(planned, Event.SEND_DRAFT, attempts=1, flow_run_id="run-2")
    drafted = ledger.advance(sending, Event.DRAFT_CREATED, attachment_id=2**33, document_id=2**40)

    assert ledger.find_export("2026-10", "K1", 1) == drafted
    assert (drafted.state, drafted.attempts, drafted.flow_run_id) == ("drafted", 1, "run-2")
    assert (drafted.attachment_id, drafted.document_id) == (2**33, 2**40)
    assert (drafted.csv_sha256, drafted.created_at) == (planned.csv_sha256, planned.created_at)
    assert drafted.updated_at > sending.updated_at > planned.updated_at


def test_the_next_call_is_announced_with_the_answer_before_it(ledger: Ledger, plan: Plan) -> None:
    sending = ledger.advance(plan("K1", "S1"), Event.SEND_DRAFT, attempts=1)
    linking = ledger.advance(
        sending, Event.DRAFT_CREATED, then=Event.SEND_LINK, document_id=5, attempts=2
    )

    assert ledger.find_export("2026-10", "K1", 1) == linking
    assert (linking.state, linking.pending, linking.document_id) == ("sending", "link", 5)
    assert (linking.draft_state, linking.attempts) == ("draft", 2)


def test_what_may_not_come_next_undoes_both(ledger: Ledger, plan: Plan) -> None:
    sending = ledger.advance(plan("K1", "S1"), Event.SEND_UPLOAD)
    with pytest.raises(NotPermitted):
        ledger.advance(sending, Event.FILE_UPLOADED, then=Event.SEND_LINK, attachment_id=7)
    assert only(ledger) == sending


def test_what_is_pending_is_said_until_the_outcome_is_known(ledger: Ledger, plan: Plan) -> None:
    sending = ledger.advance(plan("K1", "S1"), Event.SEND_UPLOAD)
    unknown = ledger.advance(sending, Event.ANSWER_LOST, reason=why("no answer"))
    planned = ledger.advance(unknown, Event.FILE_LOOKED_UP, attachment_id=None)

    said = [(export.state, export.pending) for export in (sending, unknown, planned)]
    assert said == [("sending", "upload"), ("unknown", "upload"), ("planned", None)]


def test_a_created_draft_says_what_was_planned(ledger: Ledger, plan: Plan) -> None:
    planned = as_if(ledger, plan("K1", "S1"), "planned", planned_sha256="c" * 64)
    sending = ledger.advance(planned, Event.SEND_DRAFT)
    drafted = ledger.advance(sending, Event.DRAFT_CREATED, document_id=5)

    assert (sending.planned_sha256, sending.content_sha256) == ("c" * 64, None)
    assert (drafted.content_sha256, drafted.update_planned) == ("c" * 64, False)


def test_a_draft_with_other_cents_is_not_said_to_be_as_planned(ledger: Ledger, plan: Plan) -> None:
    planned = as_if(ledger, plan("K1", "S1"), "planned", planned_sha256="c" * 64)
    sending = ledger.advance(planned, Event.SEND_DRAFT)
    disputed = ledger.advance(
        sending, Event.OTHER_CENTS, document_id=5, reason=why("a cent differs")
    )

    assert (disputed.state, disputed.document_id, disputed.content_sha256) == ("conflict", 5, None)


def test_a_call_that_was_not_done_leads_back_to_where_it_was_announced(
    ledger: Ledger, plan: Plan
) -> None:
    delivered = as_if(ledger, plan("K1", "S1"), "delivered", document_id=5)
    sending = ledger.advance(delivered, Event.SEND_DELETE)
    back = ledger.advance(sending, Event.NOT_DONE, back_to=delivered.state, reason=why("429"))

    assert (back.state, back.pending, back.error) == ("delivered", None, "429")


@pytest.mark.parametrize("state", ["delivered", "sending", "withdrawn", None])
def test_a_call_that_was_not_done_leads_to_no_other_state(
    ledger: Ledger, plan: Plan, state: str | None
) -> None:
    sending = ledger.advance(plan("K1", "S1"), Event.SEND_DRAFT)

    with pytest.raises(NotPermitted, match="was not announced in state"):
        ledger.advance(sending, Event.NOT_DONE, back_to=state)

    assert ledger.find_export("2026-10", "K1", 1) == sending


def test_what_the_protocol_does_not_permit_is_refused(ledger: Ledger, plan: Plan) -> None:
    drafted = as_if(ledger, plan("K1", "S1"), "drafted", document_id=5)

    with pytest.raises(
        NotPermitted,
        match="customer K1 for 2026-10 is drafted, draft: there: 'create the draft' is not",
    ):
        ledger.advance(drafted, Event.SEND_DRAFT)

    assert ledger.find_export("2026-10", "K1", 1) == drafted


def test_a_reason_has_code_and_facts_until_another_reason_is_given(
    ledger: Ledger, plan: Plan
) -> None:
    sending = ledger.advance(plan("K1", "S1"), Event.SEND_UPLOAD)
    refused = why("400", "refused", '{"said": "400", "ids": ["8", "9"]}')
    ledger.advance(sending, Event.CALL_REFUSED, reason=refused)
    failed = only(ledger)
    assert reason_in(failed) == refused

    ledger.advance(failed, Event.REMOVE_FILE)
    assert reason_in(only(ledger)) == refused

    ledger.advance(only(ledger), Event.SEND_UPLOAD, reason=why("away", "odd", "{}"))
    assert reason_in(only(ledger)) == why("away", "odd", "{}")

    ledger.advance(only(ledger), Event.FILE_UPLOADED, attachment_id=70, reason=None)
    assert reason_in(only(ledger)) is None


def test_a_refused_customer_has_code_and_facts_until_there_is_nothing_to_bill(
    ledger: Ledger,
) -> None:
    invalid = why("a row is invalid", "row_invalid", '{"row": "S1"}')
    ledger.fail("2026-10", "K1", reason=invalid, flow_run_id="run-1")
    assert reason_in(only(ledger)) == invalid

    other = why("no such customer", "not_in_easybill", '{"known": []}')
    ledger.fail("2026-10", "K1", reason=other, flow_run_id="run-2")
    assert reason_in(only(ledger)) == other

    ledger.skip("2026-10", ["K1"], flow_run_id="run-3")
    assert reason_in(only(ledger)) is None


def test_a_draft_is_found_by_its_id_in_its_own_account_alone(
    ledger: Ledger, ledger_url: str, plan: Plan
) -> None:
    drafted = as_if(ledger, plan("K1", "S1"), "drafted", document_id=2**40)
    plan("K2", "S2")

    assert ledger.find_draft(2**40) == drafted
    assert ledger.find_draft(1) is None
    assert open_account(ledger_url).find_draft(2**40) is None


def test_a_column_can_be_emptied(ledger: Ledger, plan: Plan) -> None:
    failed = as_if(ledger, plan("K1", "S1"), "failed", attachment_id=5, error="odd")
    planned = ledger.advance(failed, Event.REMOVE_FILE, attachment_id=None, reason=None)

    assert (planned.attachment_id, planned.error) == (None, None)


@pytest.mark.parametrize("state", ExportState)
def test_every_known_state_can_be_written(ledger: Ledger, plan: Plan, state: ExportState) -> None:
    assert as_if(ledger, plan("K1", "S1"), state).state == state.value


@pytest.mark.parametrize(
    ("values", "check"),
    [
        ({"state": "sent"}, "exports_state"),
        ({"state": "sending", "pending": "x"}, "exports_pending"),
    ],
)
def test_the_database_itself_refuses_unknown_words(
    ledger: Ledger, plan: Plan, values: dict[str, str], check: str
) -> None:
    planned = plan("K1", "S1")

    with pytest.raises(LedgerError, match=check):
        as_if(ledger, planned, **values)

    assert ledger.find_export("2026-10", "K1", 1) == planned


def test_an_export_in_another_state_is_a_conflict(ledger: Ledger, plan: Plan) -> None:
    planned = plan("K1", "S1")
    sending = ledger.advance(planned, Event.SEND_UPLOAD)

    with pytest.raises(LedgerConflict, match=r"customer K1 .* read as 'planned'.*now 'sending'"):
        ledger.advance(planned, Event.SEND_DRAFT)

    assert ledger.find_export("2026-10", "K1", 1) == sending


def test_an_export_planned_anew_meanwhile_is_a_conflict(ledger: Ledger, plan: Plan) -> None:
    old = plan("K1", "S1")
    new = plan("K1", "S1", "S2", csv_sha256="b" * 64)

    with pytest.raises(LedgerConflict):
        ledger.advance(old, Event.SEND_UPLOAD)

    assert ledger.advance(new, Event.SEND_UPLOAD).csv_sha256 == "b" * 64


def test_an_event_that_leads_to_the_same_state_makes_earlier_reads_stale(
    ledger: Ledger, plan: Plan
) -> None:
    first = as_if(ledger, plan("K1", "S1"), "delivered", document_id=5)
    ledger.advance(first, Event.NOTE, reason=why("service S1 changed"))

    with pytest.raises(LedgerConflict):
        ledger.advance(first, Event.NOTE, reason=why("service S1 is gone"))


def test_a_long_reason_is_cut_and_one_with_odd_characters_kept(ledger: Ledger, plan: Plan) -> None:
    delivered = as_if(ledger, plan("K1", "S1"), "delivered", document_id=5)
    long = ledger.advance(delivered, Event.NOTE, reason=why("ä" * 5000))
    assert long.error == "ä" * 1999 + "…"

    odd = ledger.advance(
        long, Event.NOTE, reason=why("a\0b\ud800c", facts='{"said": "a\0b\ud800c"}')
    )
    assert (odd.error, odd.reason_facts) == ("a b?c", '{"said": "a b?c"}')


def test_long_facts_are_kept_whole(ledger: Ledger, plan: Plan) -> None:
    delivered = as_if(ledger, plan("K1", "S1"), "delivered", document_id=5)
    facts = f'{{"said": "{"ä" * 5000}"}}'
    ledger.advance(delivered, Event.NOTE, reason=why("long", facts=facts))
    assert only(ledger).reason_facts == facts
