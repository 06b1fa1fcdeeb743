"""The progress artifact of a run: shown in Prefect's UI while customers are uploaded."""

from collections.abc import Callable
from uuid import UUID

from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate

from tasks.run.display import flow_run_id, shown
from tasks.run.progress import Pace, Progress


def show_progress(customers: int, month: str, requests_per_minute: int) -> Callable[[], None]:
    """What to call after each customer, so that the flow run shows how far the uploads are."""
    run_id = flow_run_id()
    if run_id is None or not customers:
        return lambda: None
    progress = Progress(customers, requests_per_minute)
    artifact_id = _create(run_id, f"progress-{month}", progress.pace)

    def one_more() -> None:
        pace = progress.one_more()
        if pace is not None and artifact_id is not None:
            _update(artifact_id, pace)

    return one_more


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
