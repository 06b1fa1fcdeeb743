"""The progress artifact of a run: shown in Prefect's UI while customers are uploaded."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate
from prefect.futures import PrefectFuture, as_completed

from tasks.run.display import flow_run_id, shown
from tasks.run.progress import Pace, Progress


def show_progress(
    futures: Sequence[PrefectFuture[Any]], month: str, requests_per_minute: int
) -> None:
    """Wait for the uploads of a month; meanwhile the flow run shows how far they are."""
    run_id = flow_run_id()
    if run_id is None or not futures:
        return
    progress = Progress(len(futures), requests_per_minute)
    artifact_id = _create(run_id, f"progress-{month}", progress.pace)
    for _ in as_completed(list(futures)):
        pace = progress.one_more()
        if pace is not None and artifact_id is not None:
            _update(artifact_id, pace)


def _create(run_id: UUID, key: str, pace: Pace) -> UUID | None:
    artifact = ArtifactCreate(
        type="progress",
        key=key,
        description=str(pace),
        data=pace.percent,
        flow_run_id=run_id,
    )
    return shown("the progress", lambda client: client.create_artifact(artifact).id)


def _update(artifact_id: UUID, pace: Pace) -> None:
    update = ArtifactUpdate(description=str(pace), data=pace.percent)
    shown("the progress", lambda client: client.update_artifact(artifact_id, update))
