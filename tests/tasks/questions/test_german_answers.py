"""The answers in the accountant's language."""

from dataclasses import replace
from datetime import datetime

import pytest

from tests.asking import Asking
from tests.german import english_left_in
from tests.tasks.billing.test_invoice import OCTOBER


@pytest.fixture
def german(asking: Asking) -> Asking:
    """Somebody who asks in German about a month with something of everything."""
    world = asking.world
    for number in ("K1", "K2", "K3"):
        world.add_customer(number)
        world.add_service(f"S-{number}", number, price="1045.05", quantity="2.5")
    world.add_customer("K4", in_easybill=False)
    world.add_service("S-K4", "K4")
    world.add_service("S-fee", "K1", status="cancelled", fee="25.00", fee_vat="0")
    world.add_service("S-free", "K1", status="cancelled")
    asking = replace(asking, connections=replace(asking.connections, language="de"))
    asking.run()
    world.change_service("S-K1", unit_price_net=101)
    world.change_service("S-K3", quantity=-3)
    world.add_service("S-late", "K2")
    world.add_service("S-moved", "K2")
    return asking


def asked(asking: Asking, *words: str) -> str:
    """The answer, in which no English word is left."""
    text = asking.ask(*words)[1].replace("\xa0", " ")
    text = text.replace(" GmbH", "")
    assert english_left_in(text) == []
    return text


def test_a_months_answer_is_german(german: Asking) -> None:
    text = asked(german, "month", "2026-10")
    assert text.startswith("Nein: Oktober 2026 ist nicht vollständig, nicht oder nicht ganz")
    assert "abgerechnet: 4 von 4 Kunden." in text
    for words in (
        "Im OMS",
        "davon nachträglich",
        "1 Kunde mit ungültigen Zeilen",
        "3.190,13 €",
        "Zu tun: Den Monat noch einmal laufen lassen",
    ):
        assert words in text
    german.run()
    assert "Betrag geändert" in asked(german, "month", "2026-10")


def test_each_verdict_on_a_month_is_german(german: Asking) -> None:
    asked(german, "month", "2026-09")
    german.world.add_service("S-9", "K1", rendered_at="2099-12-05T12:00:00")
    assert asked(german, "month", "2099-12").startswith("Nein: Dezember 2099 ist noch nicht vorbei")
    since = replace(german, connections=replace(german.connections, invoicing_from=OCTOBER))
    assert "liegt vor Oktober 2026" in asked(since, "month", "2026-09")
    german.world.change_service("S-K3", quantity=1)
    german.connections.ledger.take_lease("2026-10", "run-4711", 60)
    assert "Gerade arbeitet ein Lauf daran: run-4711" in asked(german, "month", "2026-10")


@pytest.mark.parametrize("number", ["K1", "K2", "K3", "K4", "K9"])
def test_a_customers_answer_is_german(german: Asking, number: str) -> None:
    text = asked(german, "customer", number, "--month", "2026-10")
    assert "Zu tun: " in text


def test_a_customer_who_is_done_is_said_in_german(german: Asking) -> None:
    german.run(["K1"])
    assert "K1 K1 ist für Oktober 2026 abgerechnet." in asked(
        german, "customer", "K1", "--month", "2026-10"
    )
    german.world.add_customer("K5")
    assert "hat im Oktober 2026 keine Leistungen" in asked(
        german, "customer", "K5", "--month", "2026-10"
    )


def test_a_drafts_answer_is_german(german: Asking) -> None:
    draft = german.world.easybill.draft("oms:2026-10:K1")["id"]
    text = asked(german, "draft", str(draft))
    for words in (
        f"Entwurf {draft}: 2 Zeilen, netto 2.637,63 €",
        "Oktober 2026, Folge 1",
        "1.045,05",
        "seitdem im OMS geändert",
        "erfolgreich",
    ):
        assert words in text
    german.world.remove_service("S-K1")
    (german.world.export_dir / "2026-10" / "K1.csv").unlink()
    text = asked(german, "draft", str(draft))
    assert "IST NICHT DA" in text
    assert "in keiner Position: S-K1, Leistung" in text
    assert "kennt keinen Entwurf 999" in asked(german, "draft", "999")


@pytest.mark.parametrize("service", ["S-K1", "S-fee", "S-free", "S-late", "S-K3", "S-nowhere"])
def test_a_services_answer_is_german(german: Asking, service: str) -> None:
    asked(german, "service", service)


def test_what_became_of_a_service_is_german(german: Asking) -> None:
    german.world.change_service("S-K2", rendered_at=datetime(2026, 9, 30, 12))
    assert "steht im Entwurf" in asked(german, "service", "S-K2")
    german.world.remove_service("S-K2")
    assert "Das OMS rechnet es nicht mehr ab" in asked(german, "service", "S-K2")


def test_the_answers_on_calls_and_on_a_file_are_german(german: Asking) -> None:
    assert "Aufrufe an easybill" in asked(german, "calls", "2026-10")
    file = german.world.export_dir / "liste.csv"
    said = asked(german, "services", "--month", "2026-10", "--csv", str(file))
    assert "in Rechnungen und Entwürfen" in said
