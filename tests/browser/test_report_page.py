"""The accountant's page at real size, in a browser and on paper."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, expect

from tasks.billing.issue import Kind
from tasks.report.month_report import MonthReport
from tasks.report.on_file import Change
from tasks.report.page import page_of
from tests.tasks.months import draft, failure, month_report, totals

AT = datetime(2026, 11, 1, 5, 4, tzinfo=UTC)
PAGES_AT_MOST = 40


def real_size() -> MonthReport:
    """1,425 drafts, 30 customers that failed, 1,298 that wait for a run."""
    drafts = [
        draft(f"K{10_000 + place}", 1_000 + place, name=f"Größe & Söhne Anlagenbau {place} GmbH")
        for place in range(1_425)
    ]
    failed = [failure(f"F{place}", name="Ladenbau Neuanfang GmbH") for place in range(30)]
    waiting = [failure(f"W{place}", Kind.NOT_RUN) for place in range(1_298)]
    report = month_report(*drafts, earlier=(totals("2026-09", 1_400, 3_000_000),))
    return replace(report, failures=(*waiting, *failed))


def opened(page: Page, folder: Path, report: MonthReport, changes: list[Change]) -> None:
    file = folder / "report.html"
    file.write_text(page_of(report, changes, AT), encoding="utf-8")
    page.goto(file.as_uri())


def customers(page: Page) -> list[str]:
    return page.locator("#all-drafts tbody tr:visible td:first-child").all_inner_texts()


def test_drafts_are_sorted_and_searched_with_their_sums(page: Page, tmp_path: Path) -> None:
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text))
    opened(page, tmp_path, real_size(), [])
    sums = page.locator("#all-drafts tfoot td")
    # 1,425 times 10.00 + (0 + 1 + … + 1,424) cents = 14,250.00 + 10,146.00
    expect(sums.nth(3)).to_have_text("24,396.00")

    net = page.locator("#all-drafts th").nth(3)
    net.get_by_role("button").click()
    net.get_by_role("button").click()
    expect(net).to_have_attribute("aria-sort", "descending")
    assert customers(page)[:2] == ["K11424", "K11423"]

    page.get_by_role("searchbox").fill("anlagenbau 1424")
    assert customers(page) == ["K11424"]
    expect(sums.nth(0)).to_have_text("1")
    expect(sums.nth(3)).to_have_text("24.24")
    page.get_by_role("searchbox").fill("")
    expect(sums.nth(3)).to_have_text("24,396.00")
    assert wrong == []


def test_who_failed_comes_first_and_who_waits_is_folded(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, real_size(), [])
    expect(page.get_by_text("30 customers are not invoiced, or not wholly:")).to_be_visible()
    expect(page.get_by_text("5 customers more, net 250.00")).to_be_visible()
    waiting = page.get_by_text("Waiting for a run: 1,298 customers, net 64,900.00")
    expect(page.get_by_role("cell", name="W1297", exact=True)).to_be_hidden()
    waiting.click()
    expect(page.get_by_role("cell", name="W1297", exact=True)).to_be_visible()


def test_a_month_of_real_size_is_printed_on_few_pages(page: Page, tmp_path: Path) -> None:
    changes = [
        Change(kind="new draft", customer_number=f"K{n}", words="net 10.00", net_cents=1_000)
        for n in range(2_849)
    ]
    opened(page, tmp_path, real_size(), changes)
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    pages = len(re.findall(rb"/Type\s*/Page\b", printed))
    assert 10 < pages <= PAGES_AT_MOST, pages
