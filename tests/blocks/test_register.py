"""Saving the blocks: what was changed in Prefect's UI is not put back unasked."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from pydantic import SecretStr

from blocks import check, register
from blocks.easybill.account import EasybillAccount
from blocks.oms.block import OmsDatabase
from blocks.saved import SettingsError, saved_block
from tests.prefect_server import PrefectServer
from tests.shared import ROOT
from tests.world import World


@pytest.fixture
def registered(
    world: World, prefect_server: PrefectServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
        assert register.main(["--replace"]) == 0
        yield world


def saved() -> EasybillAccount:
    found = saved_block(EasybillAccount, "easybill")
    assert found is not None
    return found


@pytest.mark.usefixtures("registered")
def test_what_is_as_it_was_is_unchanged(capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert register.main([]) == 0
    assert set(capsys.readouterr().out.splitlines()) == {
        "unchanged: omsdatabase/oms",
        "unchanged: easybillaccount/easybill",
        "unchanged: invoiceledger/ledger",
        "unchanged: sensebounds/bounds",
    }


@pytest.mark.usefixtures("registered")
def test_what_was_changed_in_the_ui_is_shown_and_left_without_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = saved()
    changed.requests_per_minute, changed.api_key = 60, SecretStr("another-key")
    changed.save("easybill", overwrite=True)
    monkeypatch.setattr("sys.stdin", open("/dev/null"))  # noqa: SIM115, PTH123 - no terminal
    assert register.main([]) == 1
    said = capsys.readouterr().out
    assert "easybillaccount/easybill requests_per_minute: saved 60, environment 100000" in said
    assert "easybillaccount/easybill api_key: another value (secret)" in said
    assert "left as it is: easybillaccount/easybill" in said
    assert "another-key" not in said
    assert saved().requests_per_minute == 60
    assert register.main(["--replace"]) == 0
    assert saved().requests_per_minute == 100_000


@pytest.mark.usefixtures("registered")
def test_the_check_holds_a_saved_block_against_what_the_environment_sets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("LEDGER_DATABASE_URL")
    monkeypatch.setenv("EASYBILL_REQUESTS_PER_MINUTE", "60")
    found = {finding.subject: finding for finding in check.findings()}
    assert found["invoiceledger/ledger"].said == "saved"
    assert found["easybillaccount/easybill"].said == (
        "the saved one counts; requests_per_minute: saved 100000, environment 60"
    )


@pytest.mark.usefixtures("registered")
def test_a_saved_block_that_is_not_valid_is_named(prefect_server: PrefectServer) -> None:
    name = "spoiled"
    identity = saved().save(name, overwrite=True)
    spoiled = {"data": {"requests_per_minute": 0}, "merge_existing_data": True}
    prefect_server.call("PATCH", f"/block_documents/{identity}", spoiled)
    with pytest.raises(SettingsError, match="block easybillaccount/spoiled cannot be used: req"):
        saved_block(EasybillAccount, name)


def test_a_server_that_does_not_answer_is_one_sentence(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:1/api"}):
        assert register.main([]) == 2
    said = capsys.readouterr().err
    assert said.startswith("Prefect's server at http://127.0.0.1:1/api does not answer")
    assert said.count("\n") == 1


def test_a_block_that_was_never_saved_needs_no_server(tmp_path: object) -> None:
    """The temporary server would take 20 seconds to say so."""
    script = (
        "from blocks.saved import saved_block; from blocks.oms.block import OmsDatabase; "
        "assert saved_block(OmsDatabase, 'oms') is None"
    )
    environment = {"PATH": "/usr/bin:/bin", "PREFECT_HOME": f"{tmp_path}/prefect"}
    subprocess.run([sys.executable, "-c", script], env=environment, cwd=ROOT, check=True)
    with (
        temporary_settings({PREFECT_API_URL: "http://127.0.0.1:1/api"}),
        pytest.raises(SettingsError, match="does not answer"),
    ):
        saved_block(OmsDatabase, "oms")
