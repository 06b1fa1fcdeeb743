"""Display: what a run shows in Prefect's UI beyond its state; never a reason for it to fail."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.runtime import flow_run

from tasks.run.log import run_log
from tasks.run.named_account import with_account

# The state of a look that found drafts waiting; people are told by it.
DRAFTS_WAIT = "DraftsWait"
# Labels of a flow run: what people are told, and the message of the state that it is said of.
TOLD, TOLD_OF = "invoicing.told", "invoicing.told-of"

Shown = TypeVar("Shown")


def shown(what: str, show: Callable[[SyncPrefectClient], Shown]) -> Shown | None:
    """What `show` does over Prefect's client; where that fails, a warning in the log and None."""
    try:
        with get_client(sync_client=True) as client:
            return show(client)
    except Exception as error:
        run_log().warning("Prefect does not show %s of this run: %s", what, error)
        return None


def flow_run_id() -> UUID | None:
    """The flow run under way; None where there is nothing to show it in."""
    return None if flow_run.id is None else UUID(flow_run.id)


def tell_people(message: str, state_message: str) -> None:
    """Keep on the flow run what a message about its end says, in the language of reports.

    It holds for the state with this message alone, not for one that Prefect or a retry sets later.
    """
    run_id = flow_run_id()
    if run_id is None:
        return
    labels: dict[str, bool | int | float | str] = {TOLD: message, TOLD_OF: state_message}
    shown("the message", lambda client: client.update_flow_run_labels(run_id, labels))


def tag_run(*tags: str) -> None:
    """Add tags to the flow run, so that the UI can filter by them; those that it has stay.

    The account is one of them where it is named.

    A scheduled run learns its month only when it starts, so its deployment cannot tag it. Task runs
    are found by their names: a tag on one makes Prefect ask for a concurrency slot each time (1.1 s
    with its SQLite, and where that is too busy, the task fails).
    """
    run_id = flow_run_id()
    if run_id is None:
        return

    def tag(client: SyncPrefectClient) -> None:
        known = client.read_flow_run(run_id).tags
        new = [tag for tag in with_account(*tags) if tag not in known]
        client.update_flow_run(run_id, tags=[*known, *new])

    shown("the tags", tag)
