"""Which of a run's events tells whom, as Prefect's own server decides it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from prefect.server.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.server.events.schemas.events import ReceivedEvent, RelatedResource, Resource

from tasks.messages.automations import Recipients, Windows, automations, in_words

PEOPLE, MONITOR = UUID(int=1), UUID(int=2)
RUN = "prefect.flow-run.00000000-0000-0000-0000-000000000003"
NO_SCHEDULED_RUN = "Invoicing: no scheduled run"
RECIPIENTS = Recipients(PEOPLE, MONITOR, "https://prefect.example")
# As the server reads what we send it.
ON_THE_SERVER = [
    AutomationCore.model_validate(automation.model_dump(mode="json"))
    for automation in automations(RECIPIENTS, Windows())
]


def event(
    name: str,
    state_type: str,
    flow: str = "monthly-invoicing",
    message: str = "2026-10: 3 drafts created",
    run_count: int = 1,
    tags: tuple[str, ...] = (),
) -> ReceivedEvent:
    related = [
        {
            "prefect.resource.id": "prefect.flow.f",
            "prefect.resource.role": "flow",
            "prefect.resource.name": flow,
        },
        *(
            {"prefect.resource.id": f"prefect.tag.{tag}", "prefect.resource.role": "tag"}
            for tag in tags
        ),
    ]
    return ReceivedEvent(
        occurred=datetime.now(UTC),
        event=f"prefect.flow-run.{name}",
        resource=Resource(
            {
                "prefect.resource.id": RUN,
                "prefect.resource.name": f"{flow} 2026-10",
                "prefect.run-count": str(run_count),
                "prefect.state-type": state_type,
                "prefect.state-name": name,
                "prefect.state-message": message,
            }
        ),
        related=[RelatedResource(each) for each in related],
        id=UUID(int=4),
    )


def trigger(automation: AutomationCore) -> EventTrigger:
    assert isinstance(automation.trigger, EventTrigger)
    return automation.trigger


def told_at_once(happened: ReceivedEvent) -> list[str]:
    return [
        automation.name.removeprefix("Invoicing: ")
        for automation in ON_THE_SERVER
        if trigger(automation).posture == Posture.Reactive
        and trigger(automation).covers(happened)
        and trigger(automation).expects(happened.event)
    ]


def begins_the_schedules_window_anew(happened: ReceivedEvent) -> bool:
    (automation,) = [each for each in ON_THE_SERVER if each.name == NO_SCHEDULED_RUN]
    window = trigger(automation)
    return window.covers(happened) and window.starts_after(happened.event)


@pytest.mark.parametrize(
    ("happened", "told"),
    [
        (event("Failed", "FAILED"), ["a run failed"]),
        (event("TimedOut", "FAILED"), ["a run failed"]),
        (event("Failed", "FAILED", flow="withdraw-month"), ["a run failed"]),
        (event("Failed", "FAILED", flow="invoice-customer"), []),
        (event("Failed", "FAILED", flow="another-flow"), []),
        (event("Crashed", "CRASHED"), ["a run crashed"]),
        (event("Crashed", "CRASHED", flow="invoice-customer"), ["a run crashed"]),
        (event("Completed", "COMPLETED"), ["a month is invoiced"]),
        (event("Previewed", "COMPLETED"), []),
        (event("Completed", "COMPLETED", flow="invoice-customer"), []),
        (event("Completed", "COMPLETED", flow="withdraw-month"), []),
        (event("Cancelled", "CANCELLED", message="2026-10 is being worked on by X"), []),
        (event("AwaitingRetry", "SCHEDULED"), []),
        (event("Running", "RUNNING"), []),
    ],
    ids=lambda value: f"{value.event} {value.resource.name}" if hasattr(value, "event") else "",
)
def test_the_end_of_a_run_is_told_where_somebody_wants_to_know(
    happened: ReceivedEvent, told: list[str]
) -> None:
    assert told_at_once(happened) == told


@pytest.mark.parametrize(
    ("happened", "begins"),
    [
        (event("Running", "RUNNING", tags=("invoicing", "auto-scheduled")), True),
        (event("Running", "RUNNING", tags=("invoicing",)), False),
        (event("Running", "RUNNING", tags=("auto-scheduled",), run_count=2), False),
        (event("Late", "SCHEDULED", tags=("auto-scheduled",)), False),
    ],
    ids=["scheduled", "by hand", "retried", "late"],
)
def test_only_the_first_start_of_a_scheduled_run_ends_the_silence(
    happened: ReceivedEvent, begins: bool
) -> None:
    assert begins_the_schedules_window_anew(happened) == begins


def test_each_message_about_a_run_ends_with_the_link_to_it() -> None:
    bodies = [
        action.body
        for automation in automations(RECIPIENTS, Windows())
        for action in automation.actions
        if action.type == "send-notification" and action.block_document_id == PEOPLE
    ]
    links = [body.splitlines()[-1] for body in bodies]
    assert len(links) == 6
    assert all(link.startswith("https://prefect.example/") for link in links)


def test_without_a_monitor_a_finished_month_is_told_to_people_alone() -> None:
    alone = Recipients(PEOPLE, None, "https://prefect.example")
    counts = {each.name: len(each.actions) for each in automations(alone, Windows())}
    assert set(counts.values()) == {1}


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (timedelta(days=32), "32 days"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=36), "36 hours"),
        (timedelta(minutes=30), "30 minutes"),
        (timedelta(seconds=45), "45 seconds"),
    ],
)
def test_a_window_is_told_as_people_say_it(window: timedelta, words: str) -> None:
    assert in_words(window) == words
