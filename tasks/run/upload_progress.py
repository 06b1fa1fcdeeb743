"""The progress artifact of a run: shown in Prefect's UI while customers are uploaded."""

from collections.abc import Callable

from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate

from tasks.run.display import flow_run_id, shown
from tasks.run.named_account import with_account
from tasks.run.progress import Progress


def show_progress(customers: int, month: str, requests_per_minute: int) -> Callable[[], None]:
    """What to call after each customer, so that the flow run shows how far the uploads are."""
    run_id = flow_run_id()
    if run_id is None or not customers:
        return lambda: None
    progress = Progress(customers, requests_per_minute)
    artifact = ArtifactCreate(
        type="progress",
        key="-".join(["progress", *with_account(month)]),
        description=str(progress.pace),
        data=progress.pace.percent,
        flow_run_id=run_id,
    )
    artifact_id = shown("the progress", lambda client: client.create_artifact(artifact).id)

    def one_more() -> None:
        pace = progress.one_more()
        if pace is not None and artifact_id is not None:
            update = ArtifactUpdate(description=str(pace), data=pace.percent)
            shown("the progress", lambda client: client.update_artifact(artifact_id, update))

    return one_more
