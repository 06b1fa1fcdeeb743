"""Display: what a run shows in Prefect's UI beyond its state; never a reason for it to fail."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.runtime import flow_run

from tasks.run.log import run_log

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


def tag_run(*tags: str) -> None:
    """Add tags to the flow run, so that the UI can filter by them; those that it has stay.

    A scheduled run learns its month only when it starts, so its deployment cannot tag it. Task runs
    are found by their names: a tag on one makes Prefect ask for a concurrency slot each time (1.1 s
    with its SQLite, and where that is too busy, the task fails).
    """
    run_id = flow_run_id()
    if run_id is None:
        return

    def tag(client: SyncPrefectClient) -> None:
        known = client.read_flow_run(run_id).tags
        client.update_flow_run(run_id, tags=[*known, *(t for t in tags if t not in known)])

    shown("the tags", tag)
