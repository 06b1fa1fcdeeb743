"""Messages: set up in Prefect's server who is told when a run ended badly, well, or never began."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID

from prefect.automations import Automation
from prefect.blocks.core import Block
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.events.schemas.automations import AutomationCore
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL, PREFECT_UI_URL
from prefect.types import SecretDict

from tasks.billing.wording.speech import Speech
from tasks.billing.words import one_line
from tasks.messages.automations import Recipients, Windows, automations, names

WEBHOOK = "custom-webhook"
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


def web_address(text: str) -> str:
    """The text where it is the address of a web server; ValueError for anything else."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{text!r} is no web address: write https://chat.example/…")
    return text


def save_webhook(url: str, name: str = PEOPLE) -> str:
    """Save a block that posts each message as JSON to the address; what was done, in words.

    The address counts as a secret, so its host alone is told: those of chat tools let everybody in
    who knows them.
    """
    before = webhook_url(name)
    if before == url:
        return f"unchanged: block {WEBHOOK}/{name} posts to {host_of(url)}"
    block = CustomWebhookNotificationBlock(
        name=name,
        url="{{url}}",
        json_data={"text": "{{subject}}\n{{body}}", "subject": "{{subject}}", "body": "{{body}}"},
        secrets=SecretDict({"url": url}),
    )
    block.save(name, overwrite=True)
    if before is None:
        return f"created: block {WEBHOOK}/{name} posts to {host_of(url)}"
    was = _other(before, url)
    return f"updated: block {WEBHOOK}/{name} posts to {host_of(url)}, no longer to {was}"


def _other(before: str, url: str) -> str:
    host = host_of(before)
    return f"another address at {host}" if host == host_of(url) else host


def host_of(url: str) -> str:
    """The part of an address that is no secret."""
    return urlsplit(url).netloc.rpartition("@")[2] or "no web address"


def webhook_url(name: str = PEOPLE) -> str | None:
    """The address that a block of ours posts to; None where there is no such block."""
    try:
        block = CustomWebhookNotificationBlock.load(name)
    except ValueError:
        return None
    if not isinstance(block, CustomWebhookNotificationBlock):
        return None
    return str(block.secrets.get_secret_value()["url"])


def send_test(slug_and_name: str, speech: Speech) -> None:
    """Send a message over a saved block from this machine; raises NotSetUp where that fails."""
    saved_block(slug_and_name)
    # It may be of any type that can notify.
    block = cast("Any", Block.load(slug_and_name))
    try:
        block.notify(
            speech.say("A test of the messages of invoicing: nothing happened."),
            speech.say("Test: invoicing"),
        )
    except Exception as error:
        said = one_line(str(error))
        raise NotSetUp(f"no message went out over {slug_and_name}: {said}") from None


def there_is() -> Iterator[str]:
    """What is set up: each automation and each block of ours."""
    with get_client(sync_client=True) as client:
        for name in names():
            found = client.read_automations_by_name(name)
            state = "missing" if not found else "on" if found[0].enabled else "switched off"
            yield f"{state}: {name}"
    for name in (PEOPLE, MONITOR):
        url = webhook_url(name)
        yield f"{'missing' if url is None else 'saved'}: block {WEBHOOK}/{name}" + (
            "" if url is None else f" posts to {host_of(url)}"
        )


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
