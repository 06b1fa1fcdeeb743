"""`drafts.xlsx` beside the CSVs."""

from zipfile import ZipFile

from tasks.run.connections import Connections
from tests.tasks.reported_month import fill, run
from tests.world import MONTH, World


def test_no_text_in_the_table_of_drafts_is_a_formula(
    world: World, connections: Connections
) -> None:
    fill(world)
    world.change_customer("K2", company_name="=1+1")
    run(connections)
    with ZipFile(world.export_dir / MONTH / "drafts.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        texts = book.read("xl/sharedStrings.xml").decode()
    assert "<t>=1+1</t>" in texts
    assert "<f>" not in sheet
    # 279.16 + 150.00
    for amount in ("279.16", "150.00", "429.16"):
        assert f"<v>{amount}</v>" in sheet
