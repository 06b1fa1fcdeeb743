"""`report.html` and `report.json` beside the CSVs."""

import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest

from tasks.report.json_text import report_as_json
from tasks.report.on_file import changes_on_file, late_on_file
from tasks.run.connections import Connections
from tests.shared import ROOT
from tests.tasks.months import full_month
from tests.tasks.reported_month import fill, fill_with_trouble, reprice_unnoticed, run, with_link
from tests.world import MONTH, World

REPORT = ("drafts.xlsx", "manifest.json", "report.html", "report.json")


@pytest.fixture
def folder(world: World) -> Path:
    return world.export_dir / MONTH


def content_of(folder: Path) -> Any:
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


def said_of(folder: Path) -> Any:
    """What the report says, but for the time at which that last changed."""
    return {name: part for name, part in content_of(folder).items() if name != "changed_at"}


def change(kind: str, number: str, words: str, net_cents: int) -> dict[str, Any]:
    return {"kind": kind, "customer_number": number, "words": words, "net_cents": net_cents}


def files_of(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {file.name: (file.read_bytes(), file.stat().st_ino) for file in folder.iterdir()}


def test_the_json_holds_every_figure_in_cents(
    world: World, connections: Connections, folder: Path
) -> None:
    fill_with_trouble(world)
    run(with_link(connections))
    found = content_of(folder)
    document_id = world.easybill.draft(f"oms:{MONTH}:K1")["id"]
    assert found["drafts"][0] == {
        "customer_number": "K1",
        "name": "Alpha & Söhne",
        "sequence": 1,
        "line_count": 4,
        "net_cents": 27916,
        "vat_cents": 5583,
        "gross_cents": 33499,
        "document_id": document_id,
        "url": f"https://app.example.com/documents/{document_id}",
        "state": "draft",
    }
    assert found["totals"] == found["history"][-1]
    assert found["totals"]["vat_cents"] == 7833
    assert found["reconciliation"]["easybill"] == {"net_cents": 42916, "gross_cents": 50749}
    assert found["reconciliation"]["rows"][1]["csv"] == {"net_cents": 15000, "gross_cents": 17250}
    assert (found["month"], found["preview"], found["account"]) == (MONTH, False, "main")
    assert (found["skipped"], found["changes"]) == (["K5"], [])


def test_the_page_says_it_all_without_any_other_file(
    world: World, connections: Connections, folder: Path
) -> None:
    fill_with_trouble(world)
    world.change_customer("K1", company_name="<script>alert(1)</script>")
    run(with_link(connections))
    page = (folder / "report.html").read_text(encoding="utf-8")
    document_id = world.easybill.draft(f"oms:{MONTH}:K1")["id"]
    assert page.count("<script") == 1
    assert "&lt;script&gt;alert(1)" in page
    assert f'<a href="https://app.example.com/documents/{document_id}">{document_id}</a>' in page
    for words in (
        "2 customers are not invoiced",
        "429.16",
        "507.49",
        "easybill has no customer with number K4",
        "agree to the cent",
        "Not invoiced: 2 customers, net 20.00 and what rows that are not valid come to",
        "Without services: 1 customer.",
    ):
        assert words in page
    assert "src=" not in page


def test_ten_reruns_of_a_delivered_month_leave_every_file_as_it_was(
    world: World, connections: Connections, folder: Path
) -> None:
    fill_with_trouble(world)
    world.ledger.skip("2026-08", ["K1"], flow_run_id=None)
    run(connections)
    before = files_of(folder)
    assert sorted(before) == ["K1.csv", "K2.csv", *REPORT]
    for _ in range(10):
        run(connections)
    assert files_of(folder) == before


def test_what_changed_since_the_last_report_is_told_and_stays_told(
    world: World, connections: Connections, folder: Path
) -> None:
    fill_with_trouble(world)
    run(connections)
    world.easybill.add_customers([{"number": "K4", "company_name": "Delta GmbH"}])
    world.add_service("S23", "K2", price="1.00")
    world.change_service("S11", vat_percent=-1)
    run(connections)
    told = [
        change("changed amount", "K2", "net 150.00 became 151.00", 100),
        change("new draft", "K4", "net 20.00", 2000),
    ]
    found = content_of(folder)["changes"]
    assert found[:2] == told
    assert [(change["kind"], change["customer_number"]) for change in found[2:]] == [
        ("new failure", "K1"),
        ("failure fixed", "K4"),
    ]
    before = files_of(folder)
    run(connections)
    assert files_of(folder) == before
    assert "net 150.00 became 151.00" in (folder / "report.html").read_text(encoding="utf-8")


def test_a_draft_that_vanished_and_one_that_was_finalised_are_changes(
    world: World, connections: Connections, folder: Path
) -> None:
    fill(world)
    run(connections, preview=True)
    preview = world.export_dir / "preview" / MONTH
    world.remove_service("S21")
    world.remove_service("S22")
    run(connections, preview=True)
    assert content_of(preview)["changes"] == [change("vanished draft", "K2", "net 150.00", -15000)]
    run(connections)
    world.easybill.finalise(world.easybill.draft(f"oms:{MONTH}:K1")["id"])
    run(connections)
    assert content_of(folder)["changes"] == [
        change("changed state", "K1", "draft became finalised", 0)
    ]


def test_a_page_that_is_missing_is_written_again_with_the_changes_it_had(
    world: World, connections: Connections, folder: Path
) -> None:
    fill(world)
    run(connections)
    world.add_service("S23", "K2", price="1.00")
    run(connections)
    page = (folder / "report.html").read_bytes()
    (folder / "report.html").unlink()
    run(connections)
    assert (folder / "report.html").read_bytes() == page


def test_a_report_that_nobody_can_read_is_written_anew(
    world: World, connections: Connections, folder: Path
) -> None:
    fill(world)
    run(connections)
    before = said_of(folder)
    for spoilt in ("{", "[]", "{}"):
        (folder / "report.json").write_text(spoilt)
        run(connections)
        assert said_of(folder) == before


def test_a_difference_stands_in_the_page(
    world: World, connections: Connections, folder: Path
) -> None:
    fill(world)
    run(connections)
    reprice_unnoticed(world, "K2", 10001)
    run(connections)
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "1 draft differs between the OMS, the CSV and easybill" in page
    assert "net 150.01 and gross 172.51" in page
    assert not content_of(folder)["reconciliation"]["agrees"]


LATE_ISSUE = {
    "code": "row_invalid",
    "customer_number": "K1",
    "month": "2026-09",
    "service_id": None,
    "document_id": None,
    "facts": {"relation": "r", "row": "S1", "column": "c", "value": "v", "expected": "e"},
    "only_warns": False,
}
LATE = {
    "month": "2026-09",
    "customers": ["K1"],
    "line_count": 1,
    "net_cents": 100,
    "issues": [LATE_ISSUE],
}
# Each a part of report.json as another version may have written it.
OTHER_VERSIONS: list[dict[str, Any]] = [
    {"drafts": [{"number": "K1"}]},
    {"drafts": {"K1": 1}},
    {"drafts": [None]},
    {"failures": ["K3"]},
    {"failures": [{"customer_number": "K3"}]},
    {"changes": [{"what": "new draft"}]},
    {"changes": None},
    {"late": {"2026-09": 1}},
    {"late": [{**LATE, "net_cents": "1.00"}]},
    {"late": [{"month": "2026-09"}]},
    {"late": [{**LATE, "issues": [{**LATE_ISSUE, "code": "of_tomorrow"}]}]},
    {"late": [{**LATE, "issues": [{**LATE_ISSUE, "facts": {}}]}]},
    {"late": [{**LATE, "issues": [{**LATE_ISSUE, "more": 1}]}]},
    {"late": [{**LATE, "issues": [{}]}]},
]


@pytest.mark.parametrize("other", OTHER_VERSIONS, ids=str)
def test_what_another_version_wrote_counts_as_not_there(
    world: World,
    connections: Connections,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
    other: dict[str, Any],
) -> None:
    fill_with_trouble(world)
    run(connections)
    content = said_of(folder)
    (folder / "report.json").write_text(json.dumps({**content, **other}), encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        report = run(connections, "K1")
    (name,) = other
    assert f"{name!r} cannot be read, so it counts as not there" in caplog.text
    assert report.is_complete
    assert said_of(folder) == {**content, "changes": [], "late": []}


@pytest.mark.parametrize("spoilt", [b"", b"[]", b"{", b'{"drafts": []}', b"\xff", b"null"])
def test_a_damaged_report_is_written_anew(
    world: World, connections: Connections, folder: Path, spoilt: bytes
) -> None:
    fill_with_trouble(world)
    run(connections)
    content = said_of(folder)
    (folder / "report.json").write_bytes(spoilt)
    assert changes_on_file(folder) == []
    assert run(connections, "K1").is_complete
    # Whether a run for all has been there is not known any more.
    assert said_of(folder) == {**content, "changes": [], "is_whole": False}


def test_a_part_that_can_be_read_is_read(
    world: World, connections: Connections, folder: Path
) -> None:
    fill(world)
    run(connections)
    newer = {**LATE, "seen_first": "2026-11-01"}
    kept = {**content_of(folder), "late": [newer], "drafts": None, "version": 9}
    (folder / "report.json").write_text(json.dumps(kept), encoding="utf-8")
    (late,) = late_on_file(folder)
    assert str(late).startswith("2026-09: 1 line of 1 customer in no draft, net 1.00; K1: r")


def test_a_preview_has_its_report_beside_its_files(world: World, connections: Connections) -> None:
    fill(world)
    run(connections, preview=True)
    folder = world.export_dir / "preview" / MONTH
    assert (content_of(folder)["preview"], content_of(folder)["totals"]["net_cents"]) == (
        True,
        42916,
    )
    assert "Nothing was sent" in (folder / "report.html").read_text(encoding="utf-8")
    assert not (world.export_dir / MONTH).exists()


def test_the_documentation_names_every_key_of_the_json() -> None:
    page = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
    table = page.split("## report.json")[1].split("\n## ")[0]
    rows = {
        key: row
        for row in table.splitlines()
        if row.startswith("| `")
        for key in re.findall("`([a-z_.]+)`", row.split("|")[1])
    }
    content = report_as_json(full_month())
    assert rows.keys() - {"reconciliation.rows"} == content.keys() | {"changes", "changed_at"}
    for key in ("drafts", "failures", "findings", "late"):
        named = set(re.findall("`([a-z_]+)`", rows[key]))
        assert content[key][0].keys() <= named, key
    assert content["failures"][0]["issues"][0].keys() <= set(
        re.findall("`([a-z_]+)`", rows["failures"])
    )
