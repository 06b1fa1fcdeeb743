"""The questions as they are typed: exit codes, settings, and the names of runs."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from blocks.register import register
from flows.command_line import run_from_command_line
from flows.monthly_invoicing import monthly_invoicing
from tasks.ask import main
from tests.prefect_server import PrefectServer
from tests.shared import ROOT
from tests.world import MONTH, World


@pytest.fixture
def registered(
    world: World, prefect_server: PrefectServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A world whose settings are saved as blocks."""
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
        register()
        yield world


def test_the_name_of_the_run_that_sent_it_is_told(
    registered: World, capsys: pytest.CaptureFixture[str]
) -> None:
    registered.add_customer("K1")
    registered.add_service("S-1", "K1")
    assert main(["month", MONTH]) == 1
    assert run_from_command_line(monthly_invoicing, ["--month", MONTH]) == 0
    capsys.readouterr()
    assert main(["month", MONTH]) == 0
    assert main(["calls", MONTH, "--customer", "K1"]) == 0
    said = capsys.readouterr().out
    assert said.count(f"monthly-invoicing {MONTH}") == 3
    assert registered.easybill.api_key not in said


def test_as_a_process_it_answers_with_its_exit_code(
    registered: World, prefect_server: PrefectServer
) -> None:
    registered.add_customer("K1")
    asked = subprocess.run(
        [sys.executable, "-m", "tasks.ask", "customer", "K1", "--month", MONTH],
        cwd=ROOT,
        env=prefect_server.environment(),
        capture_output=True,
        text=True,
    )
    assert (asked.returncode, asked.stderr) == (0, "")
    assert asked.stdout == f"K1 K1 GmbH has no services in {MONTH}: there is nothing to invoice.\n"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["month", "2026-13"], "'2026-13' is no billing month"),
        (["draft", "K1"], "invalid int value"),
        (["customer"], "customer_number"),
        ([], "QUESTION"),
    ],
)
def test_a_question_that_is_not_understood_ends_with_2(
    words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err


def test_an_oms_that_does_not_answer_is_no_answer(
    registered: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OMS_DATABASE_URL", "sqlite:////nowhere/oms.db")
    register()
    assert main(["month", MONTH]) == 2
    assert "/nowhere/oms.db does not exist" in capsys.readouterr().err


def test_a_prefect_server_that_does_not_answer_is_no_answer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        assert main(["month", MONTH]) == 2
    assert "does not answer, so the saved blocks cannot be read" in capsys.readouterr().err
