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

from tasks.billing.wording.speech import IN_ENGLISH, Speech
from tasks.run.display import DRAFTS_WAIT, TOLD, TOLD_OF

MONTHLY = "monthly-invoicing"
CUSTOMER = "invoice-customer"
WITHDRAW = "withdraw-month"
CHECK_DRAFTS = "check-drafts"

EACH_RUN = {"prefect.resource.id"}
ANY_EVENT = {"prefect.flow-run.*"}
SILENT = "Silent"
HEARTBEAT = "prefect.flow-run.heartbeat"
# Filled in by Prefect's server, as long as it is in the text.
RUN_NAME = "{{ event.resource.name }}"
STATE_NAME = "{{ event.resource['prefect.state-name'] }}"
STATE_MESSAGE = "{{ event.resource['prefect.state-message'] }}"
RUN_ID = "{{ event.resource.id.split('.')[-1] }}"
# What the run says of its end in the language of reports, if this is the end that it said it of.
IN_OWN_LANGUAGE = (
    "{% set labels = flow_run.labels if flow_run else {} %}"
    f"{{% if labels.get('{TOLD_OF}') == event.resource['prefect.state-message'] %}}"
    f"{{{{ labels['{TOLD}'] }}}}{{% else %}}{STATE_MESSAGE}{{% endif %}}"
)


@dataclass(frozen=True, slots=True)
class Windows:
    """How long something may stay away before it is missed; Prefect takes 10 seconds or more."""

    not_started: timedelta = timedelta(minutes=30)
    not_scheduled: timedelta = timedelta(days=32)
    no_heartbeat: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Recipients:
    """The notification blocks to be called, and the address of Prefect's UI that links lead to.

    Messages are in the words of `speech`.
    """

    people: UUID
    monitor: UUID | None
    ui_url: str
    speech: Speech = IN_ENGLISH

    @property
    def state_message(self) -> str:
        """What the run says of its end."""
        return STATE_MESSAGE if self.speech.is_english else IN_OWN_LANGUAGE


def names() -> list[str]:
    """What they are called."""
    nobody = Recipients(UUID(int=0), None, "")
    return [automation.name for automation in automations(nobody, Windows())]


def automations(recipients: Recipients, windows: Windows) -> list[Automation]:
    """All of them, each under a name of its own."""
    return [
        _failed(recipients),
        _crashed(recipients),
        _completed(recipients),
        _drafts_wait(recipients),
        _not_started(recipients, windows.not_started),
        _not_scheduled(recipients, windows.not_scheduled),
        _no_heartbeat(windows.no_heartbeat),
    ]


def _failed(recipients: Recipients) -> Automation:
    """A customer's own run is left out: it begins with the failure that the month's run told."""
    return Automation(
        name="Invoicing: a run failed",
        description="Tells why a month's run, a withdrawal or check-drafts ended Failed.",
        trigger=_ended(StateType.FAILED, MONTHLY, WITHDRAW, CHECK_DRAFTS),
        actions=[
            _message_to_people(
                recipients,
                recipients.speech.say("Failed: {run}", run=RUN_NAME),
                recipients.state_message,
            )
        ],
    )


def _crashed(recipients: Recipients) -> Automation:
    """Here the state's message is Prefect's own."""
    say = recipients.speech.say
    return Automation(
        name="Invoicing: a run crashed",
        description="Tells that a run ended without a result: its process or machine is gone.",
        trigger=_ended(StateType.CRASHED, MONTHLY, CUSTOMER, WITHDRAW),
        actions=[
            _message_to_people(
                recipients,
                f"{STATE_NAME}: {RUN_NAME}",
                STATE_MESSAGE,
                say(
                    "The month may be done all the same:"
                    " `python -m tasks.ask month YYYY-MM` says so."
                ),
                say("If it is not, start the run again: what is in a draft is not billed again."),
            )
        ],
    )


def _completed(recipients: Recipients) -> Automation:
    subject = recipients.speech.say("Completed: {run}", run=RUN_NAME)
    told = [_message_to_people(recipients, subject, recipients.state_message)]
    if recipients.monitor is not None:
        told.append(_message(recipients.monitor, subject, recipients.state_message))
    return Automation(
        name="Invoicing: a month is invoiced",
        description="Tells counts and sums once every customer of a month is done.",
        trigger=_ended(StateType.COMPLETED, MONTHLY, labels={"prefect.state-name": "Completed"}),
        actions=[*told],
    )


def _drafts_wait(recipients: Recipients) -> Automation:
    return Automation(
        name="Invoicing: drafts wait for review",
        description="Tells each morning which drafts nobody has finalised for too long.",
        trigger=_ended(
            StateType.COMPLETED, CHECK_DRAFTS, labels={"prefect.state-name": DRAFTS_WAIT}
        ),
        actions=[
            _message_to_people(
                recipients,
                recipients.speech.say("Drafts wait for review"),
                recipients.state_message,
            )
        ],
    )


def _not_started(recipients: Recipients, window: timedelta) -> Automation:
    """Also a run that a worker took and never began: the worker died with it."""
    speech, since = recipients.speech, in_words(window, recipients.speech)
    due = _scheduled_for(speech)
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
                speech.say("Not started: {flow}, due {due}", flow=MONTHLY, due=due),
                speech.say(
                    "The run was due {due} and has not started for {window}.", due=due, window=since
                ),
                speech.say(
                    "Is a worker running? Start one: it still bills the month that was due."
                ),
            )
        ],
    )


def _not_scheduled(recipients: Recipients, window: timedelta) -> Automation:
    """The window begins again with the first start of a scheduled run, not with its retries."""
    begun, speech = {"prefect.flow-run.Running"}, recipients.speech
    since = in_words(window, speech)
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
                speech.say("No run: {flow}", flow=MONTHLY),
                speech.say("No scheduled run has started for {window}.", window=since),
                speech.say("Is the schedule paused, the deployment gone, or was the server down?"),
                speech.say(
                    "Then run each missed month: python -m flows.monthly_invoicing --month YYYY-MM"
                ),
                f"{recipients.ui_url}/deployments",
            )
        ],
    )


def _no_heartbeat(window: timedelta) -> Automation:
    """Whoever died cannot say so; unmarked, the run would stay Running for ever.

    Prefect sometimes takes a run for dead that is at work or done, so the state does not say what
    became of the month.
    """
    return Automation(
        name="Invoicing: a run without a heartbeat",
        description="Marks a run as Silent, a kind of Crashed, that has sent nothing for too long.",
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
                name=SILENT,
                state=StateType.CRASHED,
                # A state's message: always English.
                message=f"Prefect has seen no sign of life for {in_words(window)}: the process or"
                " its machine is gone, or Prefect has lost its signals.",
            )
        ],
    )


def _scheduled_for(speech: Speech) -> str:
    day = "%Y-%m-%d" if speech.is_english else "%d.%m.%Y"
    return f"{{{{ flow_run.expected_start_time.strftime('{day} %H:%M') }}}} UTC"


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


def in_words(window: timedelta, speech: Speech = IN_ENGLISH) -> str:
    """A window as people say it: `32 days`, `30 minutes`, `15 seconds`."""
    seconds = int(window.total_seconds())
    if seconds % 86_400 == 0:
        return speech.counted(seconds // 86_400, "day")
    if seconds % 3_600 == 0:
        return speech.counted(seconds // 3_600, "hour")
    if seconds % 60 == 0:
        return speech.counted(seconds // 60, "minute")
    return speech.counted(seconds, "second")
