"""The hands of an operator in Prefect's UI."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

ENDS_WITHIN_MS = 120_000


@dataclass(frozen=True, slots=True)
class PrefectUi:
    """Prefect's UI on a page, from its front door on."""

    page: Page
    url: str

    def open_run(self, run: dict[str, Any], tab: str = "Details") -> None:
        """Open the page of a run, at one of its tabs."""
        self.page.goto(f"{self.url}/v2/runs/flow-run/{run['id']}")
        self.page.get_by_role("tab", name=tab, exact=True).click()
        expect(self.page.get_by_role("tabpanel")).to_be_visible()

    def see_state(self, name: str) -> None:
        """The open run is in this state, or gets there."""
        badge = self.page.get_by_text(name, exact=True).first
        expect(badge).to_be_visible(timeout=ENDS_WITHIN_MS)

    def see_message(self, text: str) -> None:
        """The open run's details say why it is in its state."""
        message = self.page.get_by_text("State Message", exact=True).locator("xpath=..")
        expect(message).to_contain_text(text)
        message.scroll_into_view_if_needed()

    def ask_for_retry(self) -> Locator:
        """Choose Retry in the open run's menu; the question that comes up."""
        self.page.get_by_role("button", name="Open menu").click()
        self.page.get_by_role("menuitem", name="Retry").click()
        question = self.page.get_by_role("alertdialog").or_(self.page.get_by_role("dialog"))
        expect(question).to_contain_text("AwaitingRetry")
        return question

    def open_latest(self, run: dict[str, Any], key: str) -> None:
        """From the artifacts of a run to what stands under this key by now."""
        self.open_run(run, "Artifacts")
        self.page.get_by_role("link", name=key).click()
        self.page.locator("main a[href*='/artifacts/artifact/']").first.click()
        expect(self.page.get_by_role("tab", name="Raw")).to_be_visible()

    def open_run_form(self, deployment_id: str) -> None:
        """Open the form that starts a run with parameters of one's own."""
        self.page.goto(f"{self.url}/v2/deployments/deployment/{deployment_id}")
        self.page.get_by_role("button", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Custom").click()
        expect(self.page.get_by_role("heading", name="Parameters")).to_be_visible()
