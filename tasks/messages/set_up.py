"""Messages: set up in Prefect's server who is told when a run ended badly, well, or never began."""

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from prefect.automations import Automation
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.events.schemas.automations import AutomationCore
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL, PREFECT_UI_URL
from prefect.types import SecretDict

from tasks.messages.automations import Recipients, Windows, automations

PEOPLE, MONITOR = "invoicing-messages", "invoicing-monitor"
SECONDS_PER = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
SHORTEST_WINDOW = timedelta(seconds=10)


class NotSetUp(Exception):
    """No server answers, or a block is missing: no automation was touched."""


def window(text: str) -> timedelta:
    """`45s`, `30m`, `2h` or `32d` as a length of time; ValueError for anything else."""
    found = re.fullmatch(r"(\d+)([smhd])", text)
    if found is None:
        raise ValueError(f"{text!r} is no length of time: write 45s, 30m, 2h or 32d")
    length = timedelta(seconds=int(found[1]) * SECONDS_PER[found[2]])
    if length < SHORTEST_WINDOW:
        raise ValueError(f"{text} is too short: Prefect waits 10s at least")
    return length


def ui_url() -> str:
    """The address of the Prefect server's UI; raises NotSetUp where none answers.

    Without its address, Prefect would keep the automations where no server looks at them.
    """
    address, ui_address = PREFECT_API_URL.value(), PREFECT_UI_URL.value()
    if not address or not ui_address:
        raise NotSetUp("set PREFECT_API_URL to the Prefect server that is to send the messages")
    with get_client(sync_client=True) as client:
        if client.api_healthcheck() is not None:
            raise NotSetUp(f"no Prefect server answers at {address}")
    return str(ui_address).rstrip("/")


def webhook_block(url: str, name: str = PEOPLE) -> UUID:
    """Save a block that posts each message as JSON to the address; what was there is replaced.

    The address counts as a secret: those of chat tools let everybody in who knows them.
    """
    block = CustomWebhookNotificationBlock(
        name=name,
        url="{{url}}",
        json_data={"text": "{{subject}}\n{{body}}", "subject": "{{subject}}", "body": "{{body}}"},
        secrets=SecretDict({"url": url}),
    )
    return UUID(str(block.save(name, overwrite=True)))


def saved_block(slug_and_name: str) -> UUID:
    """The notification block that was saved as TYPE/NAME, such as `slack-webhook/accounting`.

    Raises NotSetUp where there is none.
    """
    slug, _, name = slug_and_name.partition("/")
    with get_client(sync_client=True) as client:
        try:
            document = client.read_block_document_by_name(name=name, block_type_slug=slug)
        except ObjectNotFound:
            raise NotSetUp(
                f"no block {slug_and_name} is saved; `prefect block ls` lists what there is"
            ) from None
    return document.id


def set_up(recipients: Recipients, windows: Windows) -> Iterator[str]:
    """Create the automations, or change those that differ; yields what was done to each.

    One that was switched off in the UI stays off. One that is as it should be is not touched:
    Prefect would begin its window again.
    """
    with get_client(sync_client=True) as client:
        for wanted in automations(recipients, windows):
            yield f"{_brought_about(client, wanted)}: {wanted.name}"


def _brought_about(client: SyncPrefectClient, wanted: Automation) -> str:
    there = client.read_automations_by_name(wanted.name)
    if not there:
        wanted.create()
        return "created"
    first, *duplicates = there
    for duplicate in duplicates:
        client.delete_automation(duplicate.id)
    wanted.id, wanted.enabled = first.id, first.enabled
    if _content(wanted) == _content(Automation(**first.model_dump())):
        return "unchanged"
    wanted.update()
    return "updated"


def _content(automation: Automation) -> dict[str, object]:
    return AutomationCore(**automation.model_dump()).model_dump(exclude={"owner_resource"})
