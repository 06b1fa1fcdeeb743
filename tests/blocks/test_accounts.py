"""An account by name: its blocks, and never another account's environment in their place."""

from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from blocks import check, register
from blocks.account_name import account_name, block_name
from blocks.easybill import check as easybill_check
from blocks.easybill.account import EasybillAccount
from blocks.saved import SettingsError, saved_block
from tasks.run.connections import open_connections
from tests.prefect_server import PrefectServer
from tests.world import World


@pytest.mark.parametrize("name", ["north", "n", "north-2", "a" * 40])
def test_a_name_that_blocks_and_folders_can_have_is_taken(name: str) -> None:
    assert account_name(name) == name
    assert block_name("oms", name) == f"oms-{name}"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "North",
        "nörd",
        "north_2",
        "-north",
        "north-",
        "a--b",
        "2026-10",
        "..",
        "preview",
        "a" * 41,
    ],
)
def test_a_name_that_could_be_another_block_or_folder_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no name of an account"):
        account_name(name)


@pytest.fixture
def environment(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("EASYBILL_ACCOUNT", raising=False)
    monkeypatch.chdir(tmp_path)
    return world


@pytest.mark.parametrize("said", [None, "main", "north-2", ""])
@pytest.mark.usefixtures("environment")
def test_the_environment_of_another_account_never_stands_in(
    said: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if said is not None:
        monkeypatch.setenv("EASYBILL_ACCOUNT", said)
    with pytest.raises(SettingsError) as refused:
        open_connections("north")
    assert str(refused.value) == (
        "No block omsdatabase/oms-north is saved, and EASYBILL_ACCOUNT does not say that the"
        " environment is north's. Run `python -m blocks.register --account north` with the settings"
        " of north."
    )


def test_an_environment_that_names_the_account_serves_and_has_a_folder_of_its_own(
    environment: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EASYBILL_ACCOUNT", "north")
    north = open_connections("north")
    assert north.ledger.account == "north"
    assert north.export_dir == environment.export_dir / "north"
    assert open_connections(None).export_dir == environment.export_dir


@pytest.fixture
def registered(environment: World, prefect_server: PrefectServer) -> World:
    with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
        register.main(["--replace"])
    return environment


def test_the_blocks_of_an_account_are_saved_under_its_name(
    registered: World,
    prefect_server: PrefectServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
        monkeypatch.setenv("EASYBILL_ACCOUNT", "west")
        assert register.main(["--account", "west", "--replace"]) == 0
        west = saved_block(EasybillAccount, "easybill", "west")
        default = saved_block(EasybillAccount, "easybill")
        assert west is not None
        assert default is not None
        assert (west.account, default.account) == ("west", "main")
        assert "easybillaccount/easybill-west" in capsys.readouterr().out

        # Nothing of it is left in the environment: the blocks are enough.
        for name in (*registered.environment, "EASYBILL_ACCOUNT"):
            monkeypatch.delenv(name)
        assert open_connections("west").client is not None
        subjects = {finding.subject for finding in check.findings("west")}
        assert {"omsdatabase/oms-west", "sensebounds/bounds-west"} <= subjects
        assert easybill_check.main(["--account", "west"]) == 0
        assert easybill_check.main(["--account", "east"]) == 1
        said = capsys.readouterr().out
        assert "Account in the ledger: west" in said
        assert "python -m blocks.register --account east" in said


@pytest.mark.parametrize(
    ("further", "why"),
    [
        ({"EASYBILL_ACCOUNT": "main"}, "EASYBILL_ACCOUNT is main"),
        ({}, "EASYBILL_API_KEY is that of easybillaccount/easybill."),
    ],
)
@pytest.mark.usefixtures("registered")
def test_settings_of_another_account_are_not_saved(
    further: dict[str, str],
    why: str,
    prefect_server: PrefectServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in further.items():
        monkeypatch.setenv(name, value)
    with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
        assert register.main(["--account", "south"]) == 2
        assert saved_block(EasybillAccount, "easybill", "south") is None
    assert why in capsys.readouterr().err
