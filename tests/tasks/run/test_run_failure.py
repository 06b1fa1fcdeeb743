"""What a run's final state says of an error that ended the work."""

import logging

import pytest

from blocks.easybill.errors import KeyRefused, OutcomeUnknown, Rejected, Unavailable
from blocks.ledger.errors import AccountMismatch, LeaseLost, LedgerUnavailable
from blocks.oms.errors import OmsContractBroken, OmsUnavailable
from blocks.saved import SettingsError
from tasks.billing.issue import Issue, IssueCode
from tasks.run.failures import CustomerFailure
from tasks.run.resolve_month import MonthNotOver
from tasks.run.run_failure import log_surprise, words_for


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (SettingsError("No block oms.\n Run it."), "No block oms. Run it."),
        (
            MonthNotOver("2026-11", "2026-11-30"),
            "2026-11 is not over yet: run it after 2026-11-30, or preview it.",
        ),
        (
            KeyRefused("easybill refuses the key (401)"),
            "easybill refuses the key (401). Put a valid key there, then retry.",
        ),
        (Rejected("No.", status=422), "No. Fix what easybill names, then retry."),
        (Unavailable("down"), "down. Retry when easybill answers again: nothing is sent twice."),
        (OutcomeUnknown("?"), "?. Retry: easybill is looked up before anything is sent again."),
        (OmsUnavailable("gone."), "gone. Retry when the OMS answers: nothing is sent twice."),
        (OmsContractBroken("no column"), "no column. Fix the OMS's relations, then retry."),
        (
            LedgerUnavailable("gone"),
            "gone. Retry when the ledger's database answers again: nothing is sent twice.",
        ),
        (AccountMismatch("another"), "another. Look what else works on this customer, then retry."),
        (
            CustomerFailure(Issue(IssueCode.NOT_WITHDRAWN, "K1", "2026-10", document_id=8)),
            "customer K1, 2026-10: draft 8 was edited or finalised, so it is not withdrawn. Cancel"
            " or delete it in easybill.",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_what_can_go_wrong_is_one_sentence_and_the_next_step(
    error: Exception, sentence: str
) -> None:
    assert words_for(error) == sentence


def test_a_lost_lease_says_who_has_it_and_what_to_do() -> None:
    said = words_for(LeaseLost("2026-10", "run 7"))
    assert "run 7" in said
    assert said.endswith("Run the month again: what is in doubt is looked up.")


def test_what_nobody_foresaw_is_named_and_its_traceback_is_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    try:
        raise TypeError("a\nb." + "x" * 1000)
    except TypeError as error:
        with caplog.at_level(logging.ERROR):
            log_surprise(error)
            said = words_for(error)
    assert said.startswith("Unexpected TypeError: a b.xxx")
    assert said.endswith("because the ledger knows what was sent.")
    assert len(said) < 500
    assert "Traceback" in caplog.text


def test_a_sentence_that_ends_in_a_stop_gets_no_second_one() -> None:
    assert words_for(TypeError("no filter.")).startswith("Unexpected TypeError: no filter. The log")
