"""What an operator and an accountant do on the first of the month, in a browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.camera import Camera
from tests.browser.october import MONTHLY, SPOILED, SPOILED_SERVICE, UNKNOWN, October
from tests.browser.prefect_ui import PrefectUi
from tests.world import MONTH

REASON = f"row {SPOILED_SERVICE}: quantity is 0"


@pytest.fixture
def ui(page: Page, october: October) -> PrefectUi:
    """Prefect's UI on the server that ran the months."""
    return PrefectUi(page, october.server.ui_url)


def test_a_month_without_failures_is_completed_and_says_what_it_did(
    ui: PrefectUi, october: October, camera: Camera
) -> None:
    ui.open_run(october.september_run)
    ui.see_state("Completed")
    ui.see_message("2026-09: 18 drafts created (net 22,574.01, gross 26,306.71)")
    camera.take("completed", top=190, bottom=640)


def test_the_runs_of_a_month_are_found_by_its_tag(
    ui: PrefectUi, page: Page, camera: Camera
) -> None:
    page.goto(f"{ui.url}/v2/runs")
    page.get_by_placeholder("All tags").fill(MONTH)
    page.keyboard.press("Enter")
    customers = [f"invoice-customer {MONTH} {number}" for number in (SPOILED, UNKNOWN)]
    for name in (f"monthly-invoicing {MONTH}", *customers):
        expect(page.get_by_role("link", name=name)).to_be_visible()
    expect(page.get_by_role("link", name="monthly-invoicing 2026-09")).to_be_hidden()
    camera.take("runs-of-the-month", bottom=1080)


def test_the_summary_and_the_tables_of_a_month_are_artifacts_of_its_run(
    ui: PrefectUi, page: Page, october: October, camera: Camera
) -> None:
    ui.open_latest(october.month_run, f"summary-{MONTH}")
    panel = page.get_by_role("tabpanel")
    expect(panel).to_contain_text("OMS, CSVs and easybill agree to the cent")
    expect(panel).to_contain_text(f"{UNKNOWN} Ladenbau Neuanfang GmbH")
    expect(panel.get_by_role("row", name="Net against 2026-09 (22,574.01) +211.24")).to_be_visible()
    camera.take("summary", bottom=1400)

    ui.open_latest(october.month_run, f"failures-{MONTH}")
    expect(page.get_by_role("row", name=UNKNOWN)).to_contain_text("Create it there")

    ui.open_latest(october.month_run, f"drafts-{MONTH}")
    expect(page.get_by_role("row")).to_have_count(11)
    camera.take("drafts")
    page.get_by_placeholder("Search").fill("K1011")
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("row", name="K1011")).to_contain_text("2,028.16")


def test_a_failed_customer_is_fixed_retried_and_stands_there_as_a_draft(
    ui: PrefectUi, page: Page, october: October, camera: Camera
) -> None:
    ui.open_run(october.month_run)
    ui.see_state("Failed")
    ui.see_message(f"2 of 19 customers not invoiced: {SPOILED}")
    ui.see_message(REASON)
    camera.take("month-failed", top=130, bottom=640)

    page.get_by_role("tab", name="Subflow Runs").click()
    page.get_by_role("link", name=f"invoice-customer {MONTH} {SPOILED}").click()
    page.get_by_role("tab", name="Details").click()
    ui.see_state("Failed")
    ui.see_message(REASON)
    camera.take("customer-failed", top=110, bottom=640)

    october.fix()
    question = ui.ask_for_retry()
    camera.take("retry")
    question.get_by_role("button", name="Retry").click()
    ui.see_state("Completed")
    ui.see_message("(net 563.29, gross 635.82)")
    camera.take("customer-retried", top=110, bottom=640)

    page.goto(october.world.easybill.page_url)
    page.get_by_role("link", name=f"oms:{MONTH}:{SPOILED}").click()
    expect(page.get_by_text("Nordlicht Anlagenbau AG")).to_be_visible()
    for position in ("1 DAT-06 Datenübertragung 2", "2 EIN-07 Einweisung", "3 PFL-08"):
        expect(page.get_by_role("row", name=position)).to_be_visible()
    expect(page.get_by_role("row", name="Brutto")).to_contain_text("635,82")
    camera.take("draft", bottom=860)


def test_the_log_of_a_failed_run_ends_with_its_conclusion(
    ui: PrefectUi, page: Page, october: October
) -> None:
    ui.open_run(october.month_run, "Logs")
    page.get_by_role("combobox", name="log sort order").click()
    page.get_by_role("option", name="Newest to oldest").click()
    log = page.get_by_role("tabpanel")
    expect(log).to_contain_text(f"{MONTH}: 2 of 19 customers not invoiced: {SPOILED}")
    expect(log).not_to_contain_text("Traceback")


def test_the_report_says_who_is_missing_and_leads_to_the_drafts(
    page: Page, october: October, camera: Camera
) -> None:
    page.goto(october.report.as_uri())
    expect(page.get_by_role("heading", name=f"Billing month {MONTH}")).to_be_visible()
    missing = page.get_by_role("row", name=f"{UNKNOWN} Ladenbau Neuanfang GmbH")
    expect(missing).to_contain_text("easybill has no customer")
    camera.take("report", bottom=1400)
    draft = page.get_by_role("row", name="K1011 Café Träumerei")
    draft.get_by_role("link").click()
    expect(page.get_by_text(f"oms:{MONTH}:K1011")).to_be_visible()
    expect(page.get_by_role("row", name="Brutto")).to_contain_text("2.392,82")


def test_the_form_of_a_run_explains_each_parameter_and_refuses_a_wrong_one(
    ui: PrefectUi, page: Page, october: October, camera: Camera
) -> None:
    runs_before = len(october.server.flow_runs("monthly-invoicing"))
    schema = october.server.call("GET", f"/deployments/name/{MONTHLY}")["parameter_openapi_schema"]
    ui.open_run_form(october.month_run["deployment_id"])
    for name, parameter in schema["properties"].items():
        expect(page.get_by_text(f"{name} (Optional)", exact=True)).to_be_visible()
        expect(page.get_by_text(parameter["description"].split("\n")[0])).to_be_visible()
    camera.take("run-form", bottom=1300)

    page.get_by_role("tab", name="str").first.click()
    page.get_by_role("textbox").nth(1).fill("October")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Validation failed for field 'month'")).to_be_visible()
    assert len(october.server.flow_runs("monthly-invoicing")) == runs_before
