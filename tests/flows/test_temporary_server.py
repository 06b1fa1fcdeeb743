"""The log of the temporary server that Prefect starts for a run from a terminal."""

from typing import Any

import pytest
from prefect import State, flow
from prefect.settings import PREFECT_API_URL, PREFECT_SERVER_LOGGING_LEVEL, temporary_settings
from prefect.states import Completed

from blocks.register import register
from flows.command_line import run_and_say
from tests.prefect_server import PrefectServer
from tests.world import World


def test_the_temporary_server_logs_only_if_somebody_asked_for_it(
    world: World,
    prefect_server: PrefectServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)

    @flow
    def say_the_level(account: str | None) -> State[Any]:
        return Completed(message=f"{account}: {PREFECT_SERVER_LOGGING_LEVEL.value()}")

    with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
        register()
        capsys.readouterr()
        assert run_and_say(say_the_level, account=None) == 0
        assert capsys.readouterr().out == "None: CRITICAL\n"
        with temporary_settings({PREFECT_SERVER_LOGGING_LEVEL: "DEBUG"}):
            assert run_and_say(say_the_level, account=None) == 0
        assert capsys.readouterr().out == "None: DEBUG\n"
