"""An accountant's rehearsal on the sandbox's pages: edit, archive, finalise, delete."""

from playwright.sync_api import Page, expect

from tests.blocks.easybill.sandbox.bodies import add_customer, create_draft, position
from tests.easybill_sandbox import RunningSandbox


def test_a_draft_is_edited_finalised_and_another_deleted_by_buttons(
    page: Page, sandbox: RunningSandbox
) -> None:
    customer_id = add_customer(sandbox)
    create_draft(sandbox, customer_id, items=[position()], external_id="oms:2026-10:K1")
    create_draft(sandbox, customer_id, external_id="oms:2026-10:K1:2")

    page.goto(sandbox.page_url)
    expect(page.get_by_role("heading", name="Entwürfe")).to_be_visible()
    page.get_by_role("link", name="oms:2026-10:K1", exact=True).click()
    page.get_by_text("Bearbeiten", exact=True).click()
    page.get_by_label("Menge von Position 1").fill("2,5")
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_role("row", name="Netto").last).to_contain_text("250,00")

    page.get_by_role("button", name="Kunde archivieren").click()
    expect(page.get_by_role("button", name="Kunde aus dem Archiv holen")).to_be_visible()

    page.get_by_role("button", name="Fertigstellen").click()
    expect(page.get_by_text("fertig", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Löschen")).to_have_count(0)

    page.get_by_role("link", name="← Alle Entwürfe").click()
    page.get_by_role("link", name="oms:2026-10:K1:2").click()
    page.get_by_role("button", name="Löschen").click()
    expect(page.get_by_role("heading", name="Entwürfe")).to_be_visible()
    expect(page.get_by_role("link", name="oms:2026-10:K1:2")).to_have_count(0)
