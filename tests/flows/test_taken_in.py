"""A ledger that was lost, or is older than easybill: nothing is billed twice, nothing is lost."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from blocks.ledger.ledger import BilledLine, Export
from tasks.billing.issue import IssueCode
from tasks.report.run_report import RunReport
from tasks.run.connections import Connections
from tasks.run.request import RunRequest
from tests.plain_run import connect_by_settings, run_plainly
from tests.tasks.billing.test_invoice import OCTOBER
from tests.world import MONTH, World

KEPT = (
    *("state", "document_id", "document_edited_at", "document_sha256", "content_sha256"),
    *("attachment_id", "csv_sha256", "csv_path", "line_count", "net_cents", "gross_cents"),
)
POSITION: dict[str, Any] = {
    "type": "POSITION",
    "number": "BER",
    "description": " Beratung\n",
    "quantity": 1,
    "single_price_net": 10000,
    "vat_percent": 19,
}
Lose = Callable[[], World]


@pytest.fixture
def ledger_file(world: World, connections: Connections) -> Path:
    assert connections.ledger.exports(MONTH) == []
    return Path(world.ledger_url.removeprefix("sqlite:///"))


def run() -> RunReport:
    return run_plainly(connect_by_settings(), RunRequest(OCTOBER))


def held(world: World) -> dict[tuple[str, int], set[str]]:
    """The services that each export holds."""
    return {
        (export.customer_number, export.sequence): {
            line.service_id for line in world.ledger.lines_of(export)
        }
        for export in world.ledger.exports(MONTH)
    }


def positions(world: World) -> int:
    return sum(len(draft["items"]) for draft in world.easybill.drafts())


def export_of(world: World, sequence: int = 1) -> Export:
    (found,) = [e for e in world.ledger.exports(MONTH) if e.sequence == sequence]
    return found


def put_back(world: World, ledger_file: Path, copy: Path) -> None:
    world.ledger._engine.dispose()
    shutil.copy(copy, ledger_file)


@pytest.fixture
def lose(world: World, monkeypatch: pytest.MonkeyPatch) -> Lose:
    """Go on with an empty ledger."""

    def lost() -> World:
        anew = replace(world, ledger_url=f"{world.ledger_url}-anew")
        monkeypatch.setenv("LEDGER_DATABASE_URL", anew.ledger_url)
        return anew

    return lost


def take_later_into_the_draft(world: World, ledger_file: Path, *, price: str = "7.00") -> Path:
    """S1 is billed, the ledger is copied, S2 comes late and is put into the same draft."""
    world.add_customer("K1")
    world.add_service("S1", "K1")
    assert run().is_complete
    copy = ledger_file.with_name("copy.db")
    world.ledger._engine.dispose()
    shutil.copy(ledger_file, copy)
    world.add_service("S2", "K1", price=price)
    assert run().is_complete
    return copy


@pytest.mark.parametrize("price", ["7.00", "100.00"])
def test_an_older_ledger_learns_what_a_later_run_put_into_a_draft(
    world: World, ledger_file: Path, price: str
) -> None:
    put_back(world, ledger_file, take_later_into_the_draft(world, ledger_file, price=price))
    writes = world.easybill.writes()

    for _ in range(2):
        assert run().is_complete
    assert world.easybill.writes() == writes
    assert held(world) == {("K1", 1): {"S1", "S2"}}
    assert export_of(world).net_cents == world.easybill.drafts()[0]["amount_net"]


def test_a_lost_ledger_is_made_anew_from_the_drafts(
    world: World, connections: Connections, lose: Lose
) -> None:
    for number in ("K1", "K2"):
        world.add_customer(number)
        for place in range(3):
            world.add_service(
                f"{number}-{place}", number, price=f"{place}.33", fee="5", fee_vat="0"
            )
    assert run().is_complete
    before = {e.customer_number: e for e in world.ledger.exports(MONTH)}
    claims = world.ledger.claims_of(MONTH).keys()
    writes = world.easybill.writes()

    world = lose()
    assert run().is_complete

    assert world.easybill.writes() == writes
    assert world.ledger.claims_of(MONTH).keys() == claims
    for number, export in world.exports().items():
        assert {name: getattr(export, name) for name in KEPT} == {
            name: getattr(before[number], name) for name in KEPT
        }


def test_a_lost_ledger_with_two_drafts_of_one_customer_bills_nothing_again(
    world: World, connections: Connections, lose: Lose
) -> None:
    world.add_customer("K1")
    world.add_service("S1", "K1", rendered_at=f"{MONTH}-20T12:00:00")
    assert run().is_complete
    world.easybill.finalise(world.easybill.drafts()[0]["id"])
    # Alike to S1, and earlier: only the files tell which is in which draft.
    world.add_service("S2", "K1", rendered_at=f"{MONTH}-10T12:00:00")
    assert run().is_complete
    writes = world.easybill.writes()

    world = lose()
    for _ in range(2):
        assert run().is_complete
    assert world.easybill.writes() == writes
    assert held(world) == {("K1", 1): {"S1"}, ("K1", 2): {"S2"}}


def test_the_same_key_under_another_account_name_bills_nothing_again(
    world: World, connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.add_customer("K1")
    world.add_service("S1", "K1")
    assert run().is_complete
    writes = world.easybill.writes()

    monkeypatch.setenv("EASYBILL_ACCOUNT", "other")
    assert run().is_complete
    assert world.easybill.writes() == writes


def foreign_draft(world: World, *positions: dict[str, Any]) -> dict[str, Any]:
    """A draft without a file that has our external id, and of which no ledger knows."""
    (customer,) = world.easybill.http.get("/customers?number=K1").json()["items"]
    return world.easybill.create(
        external_id=f"oms:{MONTH}:K1",
        customer_id=customer["id"],
        currency="EUR",
        items=positions,
    )


def remove_files(world: World) -> None:
    """Somebody deletes the CSVs in easybill."""
    for attachment in world.easybill.attachments():
        world.easybill.http.delete(f"/attachments/{attachment['id']}").raise_for_status()


def test_without_files_alike_lines_are_claimed_in_their_order(
    world: World, connections: Connections
) -> None:
    world.add_customer("K1")
    for place in (3, 1, 2):
        world.add_service(f"S{place}", "K1", rendered_at=f"{MONTH}-0{place}T12:00:00")
    document = foreign_draft(world, POSITION, POSITION)
    world.easybill.finalise(document["id"])

    assert run().is_complete
    assert held(world) == {("K1", 1): {"S1", "S2"}, ("K1", 2): {"S3"}}


@pytest.mark.parametrize(
    "change",
    [{"number": "X"}, {"quantity": 2}, {"single_price_net": 10001}, {"description": "Reise"}],
)
def test_what_stays_open_is_a_conflict_and_nothing_is_billed_until_a_person_decides(
    world: World, connections: Connections, change: dict[str, Any]
) -> None:
    world.add_customer("K1")
    world.add_service("S1", "K1")
    document = foreign_draft(world, {**POSITION, **change})
    writes = world.easybill.writes()

    for _ in range(2):
        report = run()
        (issue,) = report.not_invoiced["K1"]
        assert issue.code is IssueCode.DOCUMENT_UNCLEAR
        (row,) = report.month_report.reconciliation.rows
        assert f"the file {world.export_dir / MONTH / 'K1.csv'} is missing" in str(row)
    assert world.easybill.writes() == writes

    world.easybill.delete(document["id"])
    assert run().is_complete
    assert held(world) == {("K1", 1): {"S1"}}


def test_a_document_of_another_customer_is_a_conflict(
    world: World, connections: Connections, lose: Lose
) -> None:
    for number in ("K1", "K2"):
        world.add_customer(number)
        world.add_service(f"S-{number}", number)
    assert run().is_complete
    draft = world.easybill.draft(f"oms:{MONTH}:K1")
    world.easybill.edit(draft["id"], customer_id=2)
    world = lose()

    (issue,) = run().not_invoiced["K1"]
    assert issue.code is IssueCode.DOCUMENT_OF_ANOTHER
    assert BilledLine("S-K2", "service") in world.ledger.claims_of(MONTH)


def test_texts_that_the_accountant_corrected_do_not_matter_where_a_file_tells(
    world: World, connections: Connections, lose: Lose
) -> None:
    world.add_customer("K1")
    world.add_service("S1", "K1")
    assert run().is_complete
    (draft,) = world.easybill.drafts()
    corrected = [{**draft["items"][0], "description": "Beratung vor Ort"}]
    world.easybill.edit(draft["id"], items=corrected)
    world.easybill.stamp(draft["id"], "2026-11-03 10:00:00")
    world = lose()
    writes = world.easybill.writes()

    assert run().is_complete
    assert world.easybill.writes() == writes
    assert held(world) == {("K1", 1): {"S1"}}


def test_a_draft_without_its_file_gets_one(
    world: World, connections: Connections, lose: Lose
) -> None:
    world.add_customer("K1")
    world.add_service("S1", "K1")
    assert run().is_complete
    remove_files(world)
    world = lose()

    assert run().is_complete
    (attachment,) = world.easybill.attachments()
    assert attachment["document_id"] == world.easybill.drafts()[0]["id"]
    assert export_of(world).attachment_id == attachment["id"]
    assert positions(world) == 1


def test_an_invoice_without_a_file_gets_none_and_its_csv_is_built_and_in_the_manifest(
    world: World, connections: Connections, lose: Lose
) -> None:
    world.add_customer("K1")
    world.add_service("S1", "K1")
    assert run().is_complete
    world.easybill.finalise(world.easybill.drafts()[0]["id"])
    remove_files(world)
    folder = world.export_dir / MONTH
    before = (folder / "K1.csv").read_bytes()
    (folder / "K1.csv").unlink()
    world = lose()
    writes = world.easybill.writes()

    assert run().is_complete
    assert world.easybill.writes() == writes
    assert (folder / "K1.csv").read_bytes() == before
    (entry,) = json.loads((folder / "manifest.json").read_bytes())["files"]
    assert entry["sha256"] == export_of(world).csv_sha256 == sha256(before).hexdigest()


def test_another_draft_in_place_of_the_one_that_an_older_ledger_knows_is_taken_in(
    world: World, ledger_file: Path
) -> None:
    copy = take_later_into_the_draft(world, ledger_file)
    world.easybill.delete(world.easybill.drafts()[0]["id"])
    again = RunRequest(OCTOBER, recreate_deleted=True)
    assert run_plainly(connect_by_settings(), again).is_complete
    put_back(world, ledger_file, copy)
    writes = world.easybill.writes()

    assert run().is_complete
    assert world.easybill.writes() == writes
    assert held(world) == {("K1", 1): {"S1", "S2"}}
