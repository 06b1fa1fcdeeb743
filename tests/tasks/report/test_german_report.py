"""The report in the accountant's language."""

import re
from pathlib import Path

import pytest

from tasks.run.connections import Connections
from tests.german import english_left_in
from tests.plain_run import connect_by_settings
from tests.tasks.report.test_files import content_of, files_of
from tests.tasks.reported_month import fill_with_trouble, reprice_unnoticed, run
from tests.world import MONTH, World


@pytest.fixture
def german(connections: Connections, monkeypatch: pytest.MonkeyPatch) -> Connections:
    monkeypatch.setenv("REPORT_LANGUAGE", "de")
    return connect_by_settings()


def text_of_page(folder: Path) -> str:
    page = (folder / "report.html").read_text(encoding="utf-8")
    page = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", " ", page).replace("\xa0", " ")


def test_a_german_report_has_no_english_text(world: World, german: Connections) -> None:
    folder = world.export_dir / MONTH
    fill_with_trouble(world)
    run(german, "K1")
    reprice_unnoticed(world, "K1", 7000)
    run(german)
    world.add_service("S23", "K2", price="1045791.05")
    run(german)
    page = text_of_page(folder)
    assert english_left_in(page) == []
    for words in (
        "Abrechnungsmonat Oktober 2026",
        "3 Kunden sind nicht oder nicht ganz abgerechnet",
        "erwartet wird eine Zahl: 0 bis 100",
        "easybill hat keinen Kunden mit der Nummer K4",
        "das OMS sagt netto 279,16 € und brutto 334,99 €",
        "1 Entwurf ist in OMS, CSV und easybill verschieden",
    ):
        assert words in page
    assert content_of(folder)["language"] == "de"


def test_a_rerun_of_a_german_month_leaves_every_file_as_it_was(
    world: World, german: Connections
) -> None:
    folder = world.export_dir / MONTH
    fill_with_trouble(world)
    run(german)
    before = files_of(folder)
    run(german)
    assert files_of(folder) == before
