"""Pictures of a page, small enough to lie beside the documentation."""

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import FloatRect, Page

WIDTH, HEIGHT = 1280, 800


@dataclass(frozen=True, slots=True)
class Camera:
    """Takes pictures of what a page shows, into a folder."""

    page: Page
    folder: Path

    def take(self, name: str, *, top: int = 0, bottom: int = HEIGHT) -> None:
        """Save `<name>.png`: the window from `top` to `bottom`, made higher where that needs it."""
        self.page.set_viewport_size({"width": WIDTH, "height": max(HEIGHT, bottom)})
        self.page.wait_for_load_state("networkidle")
        part: FloatRect = {"x": 0, "y": top, "width": WIDTH, "height": bottom - top}
        self.page.screenshot(path=self.folder / f"{name}.png", clip=part, animations="disabled")
        self.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
