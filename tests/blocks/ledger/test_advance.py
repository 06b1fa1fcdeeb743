"""Moving an export from state to state."""

import pytest

from blocks.ledger.errors import LedgerConflict, LedgerError
from blocks.ledger.ledger import Ledger
from blocks.ledger.states import ExportState
from tests.blocks.ledger.conftest import Plan, open_account


def test_an_advance_writes_what_is_given_and_leaves_the_rest(ledger: Ledger, plan: Plan) -> None:
    planned = plan("K1", "S1")
    sending = ledger.advance(planned, "sending", attempts=1, flow_run_id="run-2")
    drafted = ledger.advance(sending, "drafted", attachment_id=2**33, document_id=2**40)

    assert ledger.find_export("2026-10", "K1", 1) == drafted
    assert (drafted.state, drafted.attempts, drafted.flow_run_id) == ("drafted", 1, "run-2")
    assert (drafted.attachment_id, drafted.document_id) == (2**33, 2**40)
    assert (drafted.csv_sha256, drafted.created_at) == (planned.csv_sha256, planned.created_at)
    assert drafted.updated_at > sending.updated_at > planned.updated_at


def test_a_draft_is_found_by_its_id_in_its_own_account_alone(
    ledger: Ledger, ledger_url: str, plan: Plan
) -> None:
    drafted = ledger.advance(plan("K1", "S1"), "drafted", document_id=2**40)
    plan("K2", "S2")

    assert ledger.find_draft(2**40) == drafted
    assert ledger.find_draft(1) is None
    assert open_account(ledger_url).find_draft(2**40) is None


def test_a_column_can_be_emptied(ledger: Ledger, plan: Plan) -> None:
    drafted = ledger.advance(plan("K1", "S1"), "drafted", document_id=5, error="odd")
    withdrawn = ledger.advance(drafted, "withdrawn", document_id=None, error=None)

    assert (withdrawn.document_id, withdrawn.error) == (None, None)


@pytest.mark.parametrize("state", ExportState)
def test_every_known_state_can_be_written(ledger: Ledger, plan: Plan, state: ExportState) -> None:
    assert ledger.advance(plan("K1", "S1"), state).state == state.value


def test_an_unknown_state_is_refused(ledger: Ledger, plan: Plan) -> None:
    planned = plan("K1", "S1")

    with pytest.raises(LedgerError, match="exports_state"):
        ledger.advance(planned, "sent")

    assert ledger.find_export("2026-10", "K1", 1) == planned


def test_an_export_in_another_state_is_a_conflict(ledger: Ledger, plan: Plan) -> None:
    planned = plan("K1", "S1")
    sending = ledger.advance(planned, "sending")

    with pytest.raises(LedgerConflict, match=r"customer K1 .* read as 'planned'.*now 'sending'"):
        ledger.advance(planned, "failed", error="too late")

    assert ledger.find_export("2026-10", "K1", 1) == sending


def test_an_export_planned_anew_meanwhile_is_a_conflict(ledger: Ledger, plan: Plan) -> None:
    old = plan("K1", "S1")
    new = plan("K1", "S1", "S2", csv_sha256="b" * 64)

    with pytest.raises(LedgerConflict):
        ledger.advance(old, "sending")

    assert ledger.advance(new, "sending").csv_sha256 == "b" * 64


def test_an_advance_to_the_same_state_makes_earlier_reads_stale(ledger: Ledger, plan: Plan) -> None:
    first = ledger.advance(plan("K1", "S1"), "sending", attempts=1)
    ledger.advance(first, "sending", attempts=2)

    with pytest.raises(LedgerConflict):
        ledger.advance(first, "sending", attempts=2)


def test_a_long_reason_is_cut_and_one_with_odd_characters_kept(ledger: Ledger, plan: Plan) -> None:
    long = ledger.advance(plan("K1", "S1"), "failed", error="ä" * 5000)
    assert long.error == "ä" * 1999 + "…"

    odd = ledger.advance(long, "failed", error="a\0b\ud800c")
    assert odd.error == "a b?c"
