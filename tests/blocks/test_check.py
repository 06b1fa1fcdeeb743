"""More than twenty planted faults: the check names each, with the next step."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from blocks import check
from blocks.finding import Finding, Light
from blocks.ledger.engines import open_engine
from tests.world import World

Plant = Callable[[World, pytest.MonkeyPatch], object]
Look = Callable[[Plant], list[Finding]]


@pytest.fixture
def found(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Look]:
    """The findings in a good world after a fault was planted, where no Prefect server is set."""
    monkeypatch.chdir(tmp_path)
    world.add_customer("K1")
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)

    def look(plant: Plant) -> list[Finding]:
        plant(world, monkeypatch)
        return list(check.findings())

    with temporary_settings({PREFECT_API_URL: None}):
        yield look


def setting(name: str, value: str) -> Plant:
    return lambda _, environment: environment.setenv(name, value)


def oms(statement: str) -> Plant:
    def change(world: World, _: pytest.MonkeyPatch) -> None:
        with sqlite3.connect(world.oms_url.removeprefix("sqlite:///")) as connection:
            connection.execute(statement)

    return change


class November(datetime):
    @classmethod
    def now(cls, tz: Any = None) -> "November":
        return cls(2026, 11, 24, tzinfo=tz)


def a_bad_row(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.add_service("S1", "K1", quantity="-1")
    monkeypatch.setattr(check, "datetime", November)


def easybill(**fault: Any) -> Plant:
    return lambda world, _: world.easybill.plant_fault("status", "GET", "/logins", **fault)


def a_newer_ledger(world: World, _: pytest.MonkeyPatch) -> None:
    with open_engine(world.ledger_url).connect() as connection:
        connection.exec_driver_sql("UPDATE ledger_alembic_version SET version_num = 'v9999'")
        connection.commit()


NOBODY = json.dumps({"page": 1, "pages": 1, "total": 0, "limit": 100, "items": []})


@pytest.mark.parametrize(
    ("plant", "subject", "said", "next_step"),
    [
        (setting("OMS_DATABASE_URL", "sqlite:////nowhere/oms.db"), "OMS", "not exist", "URL"),
        (setting("OMS_DATABASE_URL", "nonsense"), "OMS", "can't be read", "Correct the URL"),
        (
            setting("OMS_DATABASE_URL", "postgresql://u@127.0.0.1:1/oms"),
            "OMS",
            "not available",
            "start the database",
        ),
        (
            setting("OMS_DATABASE_URL", "mysql://u@127.0.0.1/oms?klingon=1"),
            "OMS relations",
            "klingon",
            "docs/oms.md",
        ),
        (setting("OMS_TIMEZONE", "Mars/Base"), "omsdatabase/oms", "Mars", "blocks.register"),
        (setting("OMS_SERVICES_RELATION", "orders"), "OMS relations", "orders", "docs/oms.md"),
        (
            oms("ALTER TABLE invoicing_services RENAME COLUMN unit TO unity"),
            "OMS relations",
            "invoicing_services has no unit",
            "docs/oms.md",
        ),
        (a_bad_row, "OMS rows", "1 unsound, such as invoicing_services, row S1", "Fix them"),
        (setting("EASYBILL_API_KEY", "wrong-key"), "easybill key", "401", "EASYBILL_API_KEY"),
        (
            setting("EASYBILL_API_KEY", "two words"),
            "easybillaccount/easybill",
            "one word",
            "blocks.register",
        ),
        (
            setting("EASYBILL_BASE_URL", "http://127.0.0.1:1/rest/v1"),
            "easybill",
            "could not be reached",
            "EASYBILL_BASE_URL",
        ),
        (easybill(status=500), "easybill", "500", "later"),
        (easybill(status=200, body=NOBODY), "easybill key", "no login", "person's login"),
        (
            setting("LEDGER_DATABASE_URL", "mysql://u@h/x"),
            "invoiceledger/ledger",
            "cannot hold a ledger",
            "blocks.register",
        ),
        (
            setting("LEDGER_DATABASE_URL", "postgresql://u@127.0.0.1:1/ledger"),
            "ledger",
            "does not answer",
            "start its database",
        ),
        (a_newer_ledger, "ledger", "newer release", "update"),
        # Root may write everywhere but there.
        (setting("EXPORT_DIR", "/proc/exports"), "export folder", "to /proc", "write there"),
    ],
)
def test_a_fault_is_named_with_its_next_step(
    found: Look, plant: Plant, subject: str, said: str, next_step: str
) -> None:
    (fault,) = [finding for finding in found(plant) if finding.light is Light.WRONG]
    assert fault.subject == subject
    assert said in fault.said
    assert next_step in fault.next_step


def test_a_good_world_has_nothing_wrong_and_nothing_is_made(found: Look, world: World) -> None:
    findings = found(lambda *_: None)
    assert [finding for finding in findings if finding.light is Light.WRONG] == []
    assert "empty; the first run makes its tables" in "\n".join(map(str, findings))
    assert not Path(world.ledger_url.removeprefix("sqlite:///")).exists()


@pytest.mark.usefixtures("found")
def test_the_command_exits_with_1_where_something_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EASYBILL_API_KEY", "wrong-key")
    assert check.main([]) == 1
    assert "WRONG  easybill key" in capsys.readouterr().out
    monkeypatch.setenv("EASYBILL_API_KEY", "sandbox-key")
    assert check.main([]) == 0


def test_a_user_that_may_write_is_noted(found: Look) -> None:
    (user,) = [finding for finding in found(lambda *_: None) if finding.subject == "OMS user"]
    assert (user.light, user.said) == (Light.LOOK, "may write")
