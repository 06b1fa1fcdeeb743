"""Pictures of a page, small enough to lie beside the documentation."""

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

WIDTH, HEIGHT = 1280, 800


@dataclass(frozen=True, slots=True)
class Camera:
    """Takes pictures of what a page shows, into a folder."""

    page: Page
    folder: Path

    def take(self, name: str, height: int = HEIGHT) -> None:
        """Save `<name>.png` of a window of this height."""
        self.page.set_viewport_size({"width": WIDTH, "height": height})
        self.page.wait_for_load_state("networkidle")
        self.page.screenshot(path=self.folder / f"{name}.png", animations="disabled")
        self.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
