"""`report.html` and `report.json` beside the CSVs."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tasks.report.json_text import report_as_json
from tasks.run.connections import Connections
from tests.shared import ROOT
from tests.tasks.months import full_month
from tests.tasks.reported_month import fill, fill_with_trouble, reprice_unnoticed, run, with_link
from tests.world import MONTH, World


@pytest.fixture
def folder(world: World) -> Path:
    return world.export_dir / MONTH


def content_of(folder: Path) -> Any:
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


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
    assert "<script" not in page
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
    assert sorted(before) == ["K1.csv", "K2.csv", "manifest.json", "report.html", "report.json"]
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
        {"kind": "changed amount", "customer_number": "K2", "words": "net 150.00 became 151.00"},
        {"kind": "new draft", "customer_number": "K4", "words": "net 20.00"},
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
    assert content_of(preview)["changes"] == [
        {"kind": "vanished draft", "customer_number": "K2", "words": "net 150.00"}
    ]
    run(connections)
    world.easybill.finalise(world.easybill.draft(f"oms:{MONTH}:K1")["id"])
    run(connections)
    assert content_of(folder)["changes"] == [
        {"kind": "changed state", "customer_number": "K1", "words": "draft became finalised"}
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
    before = files_of(folder)
    for spoilt in ("{", "[]", "{}"):
        (folder / "report.json").write_text(spoilt)
        run(connections)
        assert {name: text for name, (text, _) in files_of(folder).items()} == {
            name: text for name, (text, _) in before.items()
        }


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
        for key in re.findall("`([a-z.]+)`", row.split("|")[1])
    }
    content = report_as_json(full_month())
    assert rows.keys() - {"reconciliation.rows"} == content.keys() | {"changes"}
    for key in ("drafts", "failures", "findings", "late"):
        named = set(re.findall("`([a-z_]+)`", rows[key]))
        assert content[key][0].keys() <= named, key
    assert content["failures"][0]["issues"][0].keys() <= set(
        re.findall("`([a-z_]+)`", rows["failures"])
    )
