"""A month's artifacts on a real Prefect server, as the UI fetches them."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from prefect import flow
from prefect.runtime import flow_run
from prefect.settings import PREFECT_API_URL, temporary_settings

from tasks.report.artifacts.publish import publish
from tasks.report.month_report import MonthReport
from tasks.run.display import tag_run
from tests.prefect_server import PrefectServer
from tests.tasks.months import draft, failure, full_month, month_report


@pytest.fixture
def server(prefect_server: PrefectServer) -> Iterator[PrefectServer]:
    with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
        yield prefect_server


@flow
def publishing(report: Any) -> str:
    """The months' reports, one after the other, as artifacts of one run."""
    tag_run(report[0].month, "K1")
    tag_run(report[0].month)
    for month in report:
        publish(month)
    return str(flow_run.id)


def published(server: PrefectServer, *reports: MonthReport) -> list[tuple[str, str, str]]:
    """Key, type and description of the run's artifacts, in the order they came."""
    run_id = publishing(reports)
    found = server.call(
        "POST", "/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run_id]}}}
    )
    found.sort(key=lambda artifact: artifact["created"])
    return [(one["key"], one["type"], one["description"]) for one in found]


def test_a_month_is_a_summary_and_its_tables_under_the_months_keys(server: PrefectServer) -> None:
    assert published(server, full_month()) == [
        (
            "summary-2026-10",
            "markdown",
            "2026-10: 2 drafts, net 3,000.00, 2 customers not invoiced",
        ),
        ("drafts-2026-10", "table", "2026-10: 2 drafts"),
        ("failures-2026-10", "table", "2026-10: 2 customers not invoiced"),
        ("findings-2026-10", "table", "2026-10: 2 findings"),
    ]


def test_a_preview_keeps_its_own_history(server: PrefectServer) -> None:
    preview = month_report(
        draft(document_id=None, state="previewed"), preview=True, month="2025-04"
    )
    keys = [key for key, _, _ in published(server, preview)]
    assert keys == ["preview-summary-2025-04", "preview-drafts-2025-04"]


def test_a_table_that_emptied_does_not_leave_the_old_one_as_the_latest(
    server: PrefectServer,
) -> None:
    failed = month_report(failures=(failure(),), month="2025-02")
    fixed = month_report(draft(), month="2025-02")
    found = published(server, failed, fixed, fixed)
    assert [entry for entry in found if entry[0] == "failures-2025-02"] == [
        ("failures-2025-02", "table", "2025-02: 1 customer not invoiced"),
        ("failures-2025-02", "markdown", "2025-02: 0 customers not invoiced"),
    ]


def test_a_run_is_found_by_the_tags_it_got_while_it_ran(server: PrefectServer) -> None:
    published(server, month_report(month="2025-03"))
    for tag in ("2025-03", "K1"):
        runs = server.flow_runs("publishing", tags={"all_": [tag, "2025-03"]})
        assert [sorted(run["tags"]) for run in runs] == [["2025-03", "K1"]]


def test_a_server_that_takes_nothing_is_a_warning_and_no_failure(
    server: PrefectServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("tasks.run.display.get_client", refusing)
    with caplog.at_level(logging.WARNING):
        assert publishing([month_report(draft())])
    assert "Prefect does not show the report of this run: the server is full" in caplog.text
    assert "Prefect does not show the tags of this run" in caplog.text


def refusing(**_: object) -> None:
    raise RuntimeError("the server is full")


def test_without_a_run_there_is_nothing_to_publish_in() -> None:
    publish(month_report(draft()))
