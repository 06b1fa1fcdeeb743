"""Artifacts: the month's report as people open it in Prefect's UI, with one history per month."""

from collections.abc import Iterator
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import ArtifactCreate
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.sorting import ArtifactSort

from tasks.report.artifacts.summary import headline, summary
from tasks.report.artifacts.tables import Table, tables
from tasks.report.month_report import MonthReport
from tasks.run.display import flow_run_id, shown
from tasks.run.named_account import with_account


def publish(report: MonthReport) -> None:
    """Publish the report as artifacts of the flow run; without a run there is nothing to do.

    A table without rows is published only where an earlier run's would be the latest.
    """
    run_id = flow_run_id()
    if run_id is None:
        return

    def create(client: SyncPrefectClient) -> None:
        for artifact in artifacts_of(report, run_id):
            client.create_artifact(artifact)
        for table in tables(report):
            key = _key(table.name, report)
            if not table.rows and _latest_type(client, key) == "table":
                client.create_artifact(_none(key, table, run_id))

    shown("the report", create)


def artifacts_of(report: MonthReport, run_id: UUID) -> Iterator[ArtifactCreate]:
    """The summary, and the tables that have rows."""
    yield ArtifactCreate(
        key=_key("summary", report),
        type="markdown",
        description=headline(report),
        data=summary(report),
        flow_run_id=run_id,
    )
    for table in tables(report):
        if table.rows:
            yield ArtifactCreate(
                key=_key(table.name, report),
                type="table",
                description=table.about,
                data=table.data,
                flow_run_id=run_id,
            )


def _none(key: str, table: Table, run_id: UUID) -> ArtifactCreate:
    return ArtifactCreate(
        key=key, type="markdown", description=table.about, data=table.about, flow_run_id=run_id
    )


def _latest_type(client: SyncPrefectClient, key: str) -> str | None:
    found = client.read_artifacts(
        artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[key])),
        sort=ArtifactSort.CREATED_DESC,
        limit=1,
    )
    return found[0].type if found else None


def _key(name: str, report: MonthReport) -> str:
    words = [name, *with_account(report.month)]
    return "-".join(["preview", *words] if report.preview else words)
