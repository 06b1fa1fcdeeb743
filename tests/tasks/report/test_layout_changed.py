"""Another layout from one run to the next: what was delivered stays as it was written."""

from dataclasses import replace

import pytest

from blocks.easybill.layout import CUSTOM_CSV, POSITIONS, layout_of
from tasks.billing.issue import IssueCode
from tasks.report.on_file import changed_at_on_file
from tasks.run.connections import Connections
from tests.blocks.easybill.test_layout import FOREIGN
from tests.foreign_layouts import FILLED_IN, adopted
from tests.plain_run import connect_by_settings
from tests.tasks.report.test_files import content_of, files_of, said_of
from tests.tasks.reported_month import fill, run
from tests.world import MONTH, World


def with_layout(connections: Connections, layout: str) -> Connections:
    """The same, new files to be written in this layout from now on."""
    account = connections.account.model_copy(update={"csv_layout": layout})
    return replace(connections, account=account)


def test_a_delivered_file_keeps_its_layout_and_an_update_takes_the_new_one(
    world: World, connections: Connections
) -> None:
    fill(world)
    run(connections)
    folder = world.export_dir / MONTH
    before = {file.name: file.read_bytes() for file in folder.glob("*.csv")}
    drafts = world.easybill.drafts()
    for file in before:
        (folder / file).unlink()
    foreign = with_layout(connections, FOREIGN)
    report = run(foreign)
    assert report.is_complete
    assert report.differences == ()
    assert {file.name: file.read_bytes() for file in folder.glob("*.csv")} == before
    assert world.easybill.drafts() == drafts
    world.add_service("S-NEW", "K2", price="0.10")
    report = run(foreign)
    assert report.is_complete
    assert report.differences == ()
    exports = world.exports()
    layout = layout_of(FOREIGN)
    assert exports["K2"].layout_sha256 == layout.sha256
    assert exports["K1"].layout_sha256 == CUSTOM_CSV.sha256
    assert "S-NEW" in layout.read((folder / "K2.csv").read_bytes())["service_id"]
    assert (folder / "K1.csv").read_bytes() == before["K1.csv"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "2 files have another layout than the one that is set now: a new layout holds from"),
        ("de", "2 Dateien haben ein anderes Layout als das jetzt eingestellte: ein neues Layout"),
    ],
)
def test_the_report_names_the_files_in_another_layout_until_it_is_set_again(
    world: World, connections: Connections, language: str, words: str
) -> None:
    fill(world)
    folder = world.export_dir / MONTH
    spoken = replace(connections, language=language)
    run(spoken)
    before = files_of(folder)
    assert "in_other_layouts" not in content_of(folder)
    foreign = with_layout(spoken, FOREIGN)
    run(foreign)
    told = files_of(folder)
    assert content_of(folder)["in_other_layouts"] == ["K1.csv", "K2.csv"]
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert words in page
    assert "<p>K1.csv, K2.csv</p>" in page
    run(foreign)
    assert files_of(folder) == told
    world.easybill.delete(world.easybill.draft(f"oms:{MONTH}:K2")["id"])
    run(foreign)
    assert content_of(folder)["in_other_layouts"] == ["K1.csv"]
    said = said_of(folder)
    assert changed_at_on_file(folder, {n: said[n] for n in said.keys() - {"changes"}}) is not None
    unsaid = said.keys() - {"changes", "in_other_layouts"}
    assert changed_at_on_file(folder, {n: said[n] for n in unsaid}) is None
    run(spoken)
    assert "in_other_layouts" not in content_of(folder)
    assert {name for name, file in files_of(folder).items() if before[name][0] == file[0]} == {
        *("K1.csv", "K2.csv", "manifest.json"),
    }


def test_a_preview_names_the_files_that_keep_their_layout(
    world: World, connections: Connections
) -> None:
    fill(world)
    run(connections)
    world.add_service("S-NEW", "K2", price="0.10")
    report = run(with_layout(connections, FOREIGN), preview=True)
    assert report.month_report.in_other_layouts == ("K1.csv",)


def test_a_lost_ledger_is_rebuilt_whatever_layout_its_files_are_in(
    world: World, connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(world)
    run(with_layout(connections, "positions"))
    drafts = world.easybill.drafts()
    url = world.ledger_url.replace("ledger.db", "another.db")
    monkeypatch.setenv("LEDGER_DATABASE_URL", url)
    found = connect_by_settings()
    assert run(found).is_complete
    assert world.easybill.drafts() == drafts
    assert {e.layout_sha256 for e in found.ledger.exports(MONTH)} == {POSITIONS.sha256}


@pytest.mark.parametrize("template", FILLED_IN)
def test_a_month_in_another_programs_layout_agrees_to_the_cent(
    world: World, connections: Connections, template: str
) -> None:
    fill(world)
    world.add_service("S23", "K2", price="1.2345", quantity="2.5", vat="7")
    world.add_service("S24", "K2", status="cancelled", fee="10.00", fee_vat="19")
    foreign = with_layout(connections, adopted(template))
    report = run(foreign)
    assert report.is_complete
    assert report.month_report.in_other_layouts == ()
    # K2: 100.00 + 10.00 at 19 %, 50.00 + 3.09 (2.5 x 1.2345 = 3.08625) at 7 %:
    # net 163.09, VAT 20.90 + 3.72 (3.7163).
    assert [draft.gross_cents for draft in report.month_report.drafts] == [33499, 18771]
    sides = report.month_report.reconciliation
    assert (sides.csv, sides.easybill, sides.agrees) == (sides.oms, sides.oms, True)
    read = foreign.account.layout.read((world.export_dir / MONTH / "K2.csv").read_bytes())
    assert list(read["kind"]).count("cancellation_fee") == 1


def test_a_text_that_the_layout_cannot_hold_stops_that_customer_alone(
    world: World, connections: Connections
) -> None:
    fill(world)
    world.change_service("S11", name="Łódź")
    latin = CUSTOM_CSV.text.replace('encoding = "utf-8"', 'encoding = "iso-8859-1"')
    report = run(with_layout(connections, latin))
    ((_, (issue,)),) = report.not_invoiced.items()
    assert issue.code is IssueCode.NOT_IN_LAYOUT
    assert issue.facts["column"] == "title"
