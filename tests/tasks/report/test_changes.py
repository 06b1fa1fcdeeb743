"""What the report says has changed, and when."""

import json
from pathlib import Path

import pytest

from tasks.run.connections import Connections
from tests.tasks.report.test_files import content_of
from tests.tasks.reported_month import fill, run
from tests.world import MONTH, World


@pytest.fixture
def folder(world: World) -> Path:
    return world.export_dir / MONTH


def test_the_first_run_for_all_after_one_for_a_customer_is_the_first_report(
    world: World, connections: Connections, folder: Path
) -> None:
    fill(world)
    run(connections, "K1")
    assert not content_of(folder)["is_whole"]
    run(connections)
    assert (content_of(folder)["is_whole"], content_of(folder)["changes"]) == (True, [])
    world.add_service("S23", "K2", price="1.00")
    run(connections, "K2")
    assert content_of(folder)["is_whole"]
    assert [found["kind"] for found in content_of(folder)["changes"]] == ["changed amount"]


def test_who_only_waits_for_a_run_is_no_change(
    world: World, connections: Connections, folder: Path
) -> None:
    fill(world)
    run(connections)
    world.add_customer("K6")
    world.add_service("S61", "K6")
    run(connections, "K1")
    assert content_of(folder)["changes"] == []
    assert "1 customer waits for a run" in (folder / "report.html").read_text(encoding="utf-8")
    run(connections)
    assert [found["kind"] for found in content_of(folder)["changes"]] == ["new draft"]


def test_the_time_is_that_of_the_last_change(
    world: World, connections: Connections, folder: Path
) -> None:
    fill(world)
    run(connections)
    content = content_of(folder)
    long_ago = {**content, "changed_at": "2026-11-01T05:04:00+00:00"}
    (folder / "report.json").write_text(json.dumps(long_ago), encoding="utf-8")
    run(connections)
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "As of 2026-11-01 06:04" in page
    assert content_of(folder) == long_ago
    world.add_service("S23", "K2", price="1.00")
    run(connections)
    assert content_of(folder)["changed_at"] >= content["changed_at"]
