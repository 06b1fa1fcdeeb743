"""What people are told in German: the messages' own words, and what a run says of its end."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from prefect.server.utilities.user_templates import render_user_template

from blocks.oms.errors import OmsUnavailable
from tasks.billing.issue import IssueCode
from tasks.billing.wording.speech import Speech
from tasks.easybill.look_at_drafts import DraftsChecked, WaitingDraft
from tasks.easybill.withdraw import ToWithdraw, Withdrawal
from tasks.messages.automations import Recipients, Windows, automations, in_words
from tasks.report.reconcile import Amounts, ReconciledRow
from tasks.report.run_report import RunReport
from tasks.run.display import TOLD, TOLD_OF
from tasks.run.resolve_month import MonthNotOver
from tasks.run.run_failure import words_for
from tests.german import english_left_in
from tests.tasks.billing.samples import issue_of
from tests.tasks.months import draft, full_month, month_report

GERMAN = Speech("de")
RECIPIENTS = Recipients(UUID(int=1), UUID(int=2), "https://prefect.example", GERMAN)
STATE = "2026-10: 3 drafts created"


def rendered(text: str, labels: dict[str, str] | None) -> str:
    """The text as Prefect's server fills it in."""
    due = datetime(2026, 11, 1, 5, tzinfo=UTC)
    flow_run = None if labels is None else SimpleNamespace(labels=labels, expected_start_time=due)
    resource = {"prefect.state-message": STATE, "name": "monthly-invoicing 2026-10", "id": "r.1"}
    context = {"flow_run": flow_run, "event": {"resource": resource}}
    return asyncio.run(render_user_template(text, context))


def messages() -> list[tuple[str, str]]:
    return [
        (action.subject, action.body)
        for automation in automations(RECIPIENTS, Windows())
        for action in automation.actions
        if action.type == "send-notification"
    ]


def test_the_words_of_every_message_are_german() -> None:
    labels = {TOLD: "alles fertig", TOLD_OF: STATE}
    for subject, body in messages():
        said = f"{rendered(subject, labels)}\n{rendered(body, labels)}"
        assert english_left_in(said.replace("monthly-invoicing", "").replace(STATE, "")) == []


def test_the_run_is_quoted_in_german_as_long_as_it_ended_as_it_says() -> None:
    failed = messages()[0][1]
    assert rendered(failed, {TOLD: "3 Entwürfe", TOLD_OF: STATE}).startswith("3 Entwürfe\nhttps:")
    assert rendered(failed, {TOLD: "3 Entwürfe", TOLD_OF: "an earlier end"}).startswith(STATE)
    assert rendered(failed, {}).startswith(STATE)
    assert rendered(failed, None).startswith(STATE)


def test_a_run_that_is_due_is_named_with_a_german_day() -> None:
    due = next(subject for subject, _ in messages() if "begonnen" in subject)
    assert rendered(due, {}) == "Nicht begonnen: monthly-invoicing, fällig 01.11.2026 05:00 UTC"
    assert in_words(timedelta(days=32), GERMAN) == "32 Tagen"
    assert in_words(timedelta(hours=1), GERMAN) == "1 Stunde"
    assert in_words(timedelta(minutes=30), GERMAN) == "30 Minuten"
    assert in_words(timedelta(seconds=15), GERMAN) == "15 Sekunden"


WAITING = WaitingDraft("K1", "Weiß", "2026-10", 8, 104_579_105, 12)
LEFT = (issue_of(IssueCode.NOT_WITHDRAWN),)
UNLIKE = ReconciledRow("K2", 2, Amounts(1_000, 1_190), None, Amounts(1, 1), "they differ")
REPORT = RunReport(
    "2026-10",
    preview=False,
    folder="exports/2026-10",
    delivered=(),
    delivered_before=("K5",),
    skipped=("K7",),
    not_invoiced={"K9": [issue_of(IssueCode.NOT_IN_EASYBILL)]},
    month_report=full_month(),
    unlike=(UNLIKE,),
    unread=("504",),
)


@pytest.mark.parametrize(
    "said",
    [
        DraftsChecked({"draft": 2, "finalised": 1}, 1, 1, (WAITING,) * 22).headline(GERMAN),
        DraftsChecked({}, 0, 0, ()).headline(GERMAN),
        ToWithdraw("2026-10", tuple(f"K{n}" for n in range(22)), 3).headline(GERMAN),
        ToWithdraw("2026-10", (), None).headline(GERMAN),
        Withdrawal("2026-10", ("K1",), LEFT, OmsUnavailable("504")).headline(GERMAN),
        REPORT.headline(GERMAN),
        replace(REPORT, not_invoiced={f"K{n}": [*LEFT] for n in range(9)}).headline(GERMAN),
        replace(REPORT, update_count=-2).headline(GERMAN),
        replace(
            REPORT, preview=True, to_create=frozenset({"K3"}), update_count=1, unlike=()
        ).headline(GERMAN),
        replace(
            REPORT, month_report=replace(month_report(draft()), missed=("2026-07", "2026-08"))
        ).headline(GERMAN),
        words_for(MonthNotOver("2026-11", "2026-11-30"), GERMAN),
        words_for(OmsUnavailable("504"), GERMAN),
    ],
)
def test_what_a_run_says_of_its_end_is_german(said: str) -> None:
    said = said.replace("\xa0", " ").replace("GmbH", "")
    assert english_left_in(said) == []


def test_drafts_that_wait_are_said_with_german_amounts() -> None:
    said = DraftsChecked({"draft": 1}, 0, 0, (WAITING,)).headline(GERMAN).replace("\xa0", " ")
    assert said == (
        "1 Entwurf wartet auf Prüfung, netto 1.045.791,05 €: K1 Weiß: Entwurf 8 für Oktober 2026,"
        " netto 1.045.791,05 €, seit 12 Tagen. Entwürfe: 1 Entwurf; seit dem letzten Nachsehen"
        " geändert: 0"
    )
