"""Display: what a run shows in Prefect's UI beyond its state; never a reason for it to fail."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.runtime import flow_run

from tasks.run_log import run_log


@contextmanager
def displaying(what: str) -> Iterator[SyncPrefectClient]:
    """Prefect's client; whatever goes wrong with it is a warning in the run's log."""
    try:
        with get_client(sync_client=True) as client:
            yield client
    except Exception as error:
        run_log().warning("Prefect does not show %s of this run: %s", what, error)


def flow_run_id() -> UUID | None:
    """The flow run under way; None where there is nothing to show it in."""
    return None if flow_run.id is None else UUID(flow_run.id)


def tag_run(*tags: str) -> None:
    """Add tags to the flow run, so that the UI can filter by them; those that it has stay.

    A scheduled run learns its month only when it starts, so its deployment cannot tag it.
    """
    run_id = flow_run_id()
    if run_id is None:
        return
    with displaying("the tags") as client:
        known = client.read_flow_run(run_id).tags
        if not set(tags) <= set(known):
            client.update_flow_run(run_id, tags=[*known, *(t for t in tags if t not in known)])
