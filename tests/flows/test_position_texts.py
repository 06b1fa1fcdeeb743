"""The account's own texts of positions: in the draft, not in the CSV; a draft is known without."""

from dataclasses import replace
from typing import Any

import pytest

from tasks.billing.issue import IssueCode
from tasks.run.connections import Connections
from tasks.run.request import RunRequest
from tests.plain_run import connect_by_settings, run_plainly
from tests.tasks.billing.test_invoice import OCTOBER
from tests.world import MONTH, World

TEMPLATE = r"{name}\n{description}\n{rendered_at:%d.%m.%Y}, Auftrag {order_number}"
FEE_TEMPLATE = "Storno {name} vom {rendered_at:%d.%m.}"
TEXTS = ["Beratung\n15.10.2026, Auftrag A-1", "Storno Beratung vom 15.10."]
TITLES = ["Beratung", "Stornogebühr: Beratung"]


@pytest.fixture
def month(world: World, connections: Connections) -> World:
    """A month of one customer: a service and its fee."""
    assert connections.account.position_text is None
    world.add_customer("K1")
    world.add_service("S1", "K1", fee="5", fee_vat="0")
    return world


def use(monkeypatch: pytest.MonkeyPatch, template: str, fee_template: str) -> None:
    monkeypatch.setenv("EASYBILL_POSITION_TEXT", template)
    monkeypatch.setenv("EASYBILL_CANCELLATION_FEE_TEXT", fee_template)


def run(*, preview: bool = False) -> str:
    report = run_plainly(connect_by_settings(), RunRequest(OCTOBER, preview=preview))
    assert report.is_complete
    return report.headline()


def texts(world: World) -> list[Any]:
    (draft,) = world.easybill.drafts()
    return [item["description"] for item in draft["items"]]


def test_a_template_is_the_text_in_the_draft_and_the_csv_keeps_its_title(
    month: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, TEMPLATE, FEE_TEMPLATE)
    run()
    assert texts(month) == TEXTS
    csv = (month.export_dir / MONTH / "K1.csv").read_text()
    assert all(title in csv for title in TITLES)
    assert "Auftrag" not in csv


def test_another_template_updates_the_draft_that_nobody_touched_and_no_other(
    month: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "1 draft created (net 105.00" in run()
    assert texts(month) == TITLES
    use(monkeypatch, TEMPLATE, FEE_TEMPLATE)
    assert "nothing sent (net 105.00, gross 124.00), 1 draft to be updated" in run(preview=True)
    assert texts(month) == TITLES
    assert "0 drafts created, 1 updated (net 105.00" in run()
    assert texts(month) == TEXTS
    assert "to be updated" not in run(preview=True)
    writes = month.easybill.writes()
    run()
    assert month.easybill.writes() == writes
    month.easybill.finalise(month.easybill.drafts()[0]["id"])
    use(monkeypatch, "{name}", "{name}")
    run()
    assert month.easybill.writes() == writes


@pytest.mark.parametrize(
    ("before", "after", "has_file"),
    [
        (None, TEMPLATE, True),
        (None, TEMPLATE, False),
        ("{service_code} {name}", TEMPLATE, True),
        (TEMPLATE, None, True),
    ],
)
def test_a_document_with_another_template_is_known_without_the_ledger(
    month: World,
    monkeypatch: pytest.MonkeyPatch,
    before: str | None,
    after: str | None,
    *,
    has_file: bool,
) -> None:
    anew = with_a_new_ledger(month, monkeypatch, (before, after), has_file=has_file)
    assert run_plainly(connect_by_settings(), RunRequest(OCTOBER)).is_complete
    assert texts(anew) == (TITLES if after is None else TEXTS)
    (export,) = anew.ledger.exports(MONTH)
    assert {line.kind for line in anew.ledger.lines_of(export)} == {"service", "cancellation_fee"}


def test_without_ledger_and_file_a_text_of_a_template_that_is_gone_is_for_a_person(
    month: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_a_new_ledger(month, monkeypatch, ("{service_code} {name}", TEMPLATE), has_file=False)
    writes = month.easybill.writes()
    report = run_plainly(connect_by_settings(), RunRequest(OCTOBER))
    assert [issue.code for issues in report.not_invoiced.values() for issue in issues] == [
        IssueCode.DOCUMENT_UNCLEAR
    ]
    assert month.easybill.writes() == writes


def with_a_new_ledger(
    month: World,
    monkeypatch: pytest.MonkeyPatch,
    templates: tuple[str | None, str | None],
    *,
    has_file: bool,
) -> World:
    """A month that was run with one template, before the ledger was lost and another came."""
    before, after = templates
    if before is not None:
        use(monkeypatch, before, before)
    run()
    if not has_file:
        for attachment in month.easybill.attachments():
            path = f"/attachments/{attachment['id']}"
            month.easybill.http.delete(path).raise_for_status()
    for name in ("EASYBILL_POSITION_TEXT", "EASYBILL_CANCELLATION_FEE_TEXT"):
        monkeypatch.delenv(name, raising=False)
    if after is not None:
        use(monkeypatch, after, FEE_TEMPLATE)
    anew = replace(month, ledger_url=f"{month.ledger_url}-anew")
    monkeypatch.setenv("LEDGER_DATABASE_URL", anew.ledger_url)
    return anew
