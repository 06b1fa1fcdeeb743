"""Who is told what became of a run: the automations, as Prefect's server keeps and follows them.

They know our runs by the name of their flow, so they outlive a deployment that is deleted and made
again. A cancelled run (another one holds the month) and a preview, which ends `Previewed`, tell
nobody.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from prefect.automations import Automation, EventTrigger, Posture
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState, SendNotification
from prefect.events.schemas.events import ResourceSpecification

MONTHLY = "monthly-invoicing"
CUSTOMER = "invoice-customer"
WITHDRAW = "withdraw-month"

EACH_RUN = {"prefect.resource.id"}
ANY_EVENT = {"prefect.flow-run.*"}
HEARTBEAT = "prefect.flow-run.heartbeat"
# Filled in by Prefect's server.
RUN_NAME = "{{ event.resource.name }}"
STATE_MESSAGE = "{{ event.resource['prefect.state-message'] }}"
RUN_ID = "{{ event.resource.id.split('.')[-1] }}"
SCHEDULED_FOR = "{{ flow_run.expected_start_time.strftime('%Y-%m-%d %H:%M') }} UTC"


@dataclass(frozen=True, slots=True)
class Windows:
    """How long something may stay away before it is missed; Prefect takes 10 seconds or more."""

    not_started: timedelta = timedelta(minutes=30)
    not_scheduled: timedelta = timedelta(days=32)
    no_heartbeat: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Recipients:
    """The notification blocks to be called, and the address of Prefect's UI that links lead to."""

    people: UUID
    monitor: UUID | None
    ui_url: str


def automations(recipients: Recipients, windows: Windows) -> list[Automation]:
    """All of them, each under a name of its own."""
    return [
        _failed(recipients),
        _crashed(recipients),
        _completed(recipients),
        _not_started(recipients, windows.not_started),
        _not_scheduled(recipients, windows.not_scheduled),
        _no_heartbeat(windows.no_heartbeat),
    ]


def _failed(recipients: Recipients) -> Automation:
    """A customer's own run is left out: it begins with the failure that the month's run told."""
    return Automation(
        name="Invoicing: a run failed",
        description="Tells why a month's run, or a withdrawal, ended Failed.",
        trigger=_ended(StateType.FAILED, MONTHLY, WITHDRAW),
        actions=[_message_to_people(recipients, f"Failed: {RUN_NAME}", STATE_MESSAGE)],
    )


def _crashed(recipients: Recipients) -> Automation:
    return Automation(
        name="Invoicing: a run crashed",
        description="Tells that a run ended without a result: its process or machine is gone.",
        trigger=_ended(StateType.CRASHED, MONTHLY, CUSTOMER, WITHDRAW),
        actions=[
            _message_to_people(
                recipients,
                f"Crashed: {RUN_NAME}",
                STATE_MESSAGE,
                "Start it again: what is in a draft is not billed again.",
            )
        ],
    )


def _completed(recipients: Recipients) -> Automation:
    subject = f"Completed: {RUN_NAME}"
    told = [_message_to_people(recipients, subject, STATE_MESSAGE)]
    if recipients.monitor is not None:
        told.append(_message(recipients.monitor, subject, STATE_MESSAGE))
    return Automation(
        name="Invoicing: a month is invoiced",
        description="Tells counts and sums once every customer of a month is done.",
        trigger=_ended(StateType.COMPLETED, MONTHLY, labels={"prefect.state-name": "Completed"}),
        actions=[*told],
    )


def _not_started(recipients: Recipients, window: timedelta) -> Automation:
    """Also a run that a worker took and never began: the worker died with it."""
    return Automation(
        name="Invoicing: a run has not started",
        description="Tells that a month's run is due and no worker has begun it.",
        trigger=EventTrigger(
            posture=Posture.Proactive,
            match=_of_runs(),
            match_related=_of_flows(MONTHLY),
            for_each=EACH_RUN,
            after={"prefect.flow-run.Late", "prefect.flow-run.Pending"},
            expect=_begun_or_ended(),
            within=window,
        ),
        actions=[
            _message_to_people(
                recipients,
                f"Not started: {MONTHLY}, due {SCHEDULED_FOR}",
                f"The run was due {SCHEDULED_FOR} and has not started for {in_words(window)}.",
                "Is a worker running? Start one: it still bills the month that was due.",
            )
        ],
    )


def _not_scheduled(recipients: Recipients, window: timedelta) -> Automation:
    """The window begins again with the first start of a scheduled run, not with its retries."""
    begun = {"prefect.flow-run.Running"}
    return Automation(
        name="Invoicing: no scheduled run",
        description="Tells that the schedule has begun no run of a month for too long.",
        trigger=EventTrigger(
            posture=Posture.Proactive,
            match=_of_runs({"prefect.run-count": "1"}),
            match_related=[
                _of_flows(MONTHLY),
                ResourceSpecification({"prefect.resource.id": "prefect.tag.auto-scheduled"}),
            ],
            after=begun,
            expect=begun,
            within=window,
        ),
        actions=[
            _message(
                recipients.people,
                f"No run: {MONTHLY}",
                f"No scheduled run has started for {in_words(window)}.",
                "Is the schedule paused, the deployment gone, or was the server down?",
                "Then run each missed month: python -m flows.monthly_invoicing --month YYYY-MM",
                f"{recipients.ui_url}/deployments",
            )
        ],
    )


def _no_heartbeat(window: timedelta) -> Automation:
    """Whoever died cannot say so; unmarked, the run would hold its deployment's only slot."""
    return Automation(
        name="Invoicing: a run without a heartbeat",
        description="Marks a run as Crashed whose process has fallen silent.",
        trigger=EventTrigger(
            posture=Posture.Proactive,
            match=_of_runs(),
            match_related=_of_flows(MONTHLY, CUSTOMER, WITHDRAW),
            for_each=EACH_RUN,
            after={HEARTBEAT},
            expect=ANY_EVENT,
            within=window,
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.CRASHED,
                message=f"No sign of life for {in_words(window)}: its process or machine is gone.",
            )
        ],
    )


def _begun_or_ended() -> set[str]:
    names = ("Running", "Completed", "Failed", "Crashed", "Cancelled")
    return {f"prefect.flow-run.{name}" for name in names}


def _ended(state: StateType, *flows: str, labels: dict[str, str] | None = None) -> EventTrigger:
    """By the type of the state, whatever it is called."""
    return EventTrigger(
        posture=Posture.Reactive,
        match=_of_runs({"prefect.state-type": state.value, **(labels or {})}),
        match_related=_of_flows(*flows),
        expect=ANY_EVENT,
    )


def _of_runs(labels: dict[str, str] | None = None) -> ResourceSpecification:
    return ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*", **(labels or {})})


def _of_flows(*names: str) -> ResourceSpecification:
    return ResourceSpecification(
        {"prefect.resource.role": "flow", "prefect.resource.name": list(names)}
    )


def _message_to_people(recipients: Recipients, subject: str, *lines: str) -> SendNotification:
    link = f"{recipients.ui_url}/runs/flow-run/{RUN_ID}"
    return _message(recipients.people, subject, *lines, link)


def _message(block_id: UUID, subject: str, *lines: str) -> SendNotification:
    return SendNotification(block_document_id=block_id, subject=subject, body="\n".join(lines))


def in_words(window: timedelta) -> str:
    """A window as people say it: `32 days`, `30 minutes`, `15 seconds`."""
    seconds = int(window.total_seconds())
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds % length == 0:
            count = seconds // length
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds} seconds"
