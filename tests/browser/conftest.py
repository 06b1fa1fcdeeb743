"""A headless Chromium, and a month in which two customers failed."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from tests.browser.camera import HEIGHT, WIDTH, Camera
from tests.browser.october import October, october_with_two_failures
from tests.easybill_sandbox import running_sandbox
from tests.prefect_server import PrefectServer

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SHOWN_WITHIN_MS = 30_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; skips, or in CI fails, the tests where there is none.

    It ends with the module: while Playwright runs, other tests could start no event loop.
    """
    chromium = shutil.which("chromium")
    if chromium is None:
        reason = "chromium is not installed (.ci/services installs it)"
        if "CI" in os.environ:
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page of a person in Berlin, which reaches nothing but this machine."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, timezone_id="Europe/Berlin", locale="en-GB"
    )
    context.set_default_timeout(SHOWN_WITHIN_MS)
    expect.set_options(timeout=SHOWN_WITHIN_MS)
    context.route(lambda url: not url.startswith(("http://127.0.0.1:", "file:")), _refused)
    yield context.new_page()
    context.close()


def _refused(route: Route) -> None:
    route.abort()


@pytest.fixture
def camera(page: Page, tmp_path: Path) -> Camera:
    """Takes pictures of the page, into SCREENSHOTS_TO where that is set."""
    return Camera(page, Path(os.environ.get("SCREENSHOTS_TO", tmp_path)))


@pytest.fixture(scope="module")
def october(
    prefect_server: PrefectServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[October]:
    """September is invoiced; of October all but two customers."""
    with running_sandbox() as sandbox:
        yield october_with_two_failures(prefect_server, sandbox, tmp_path_factory.mktemp("october"))
