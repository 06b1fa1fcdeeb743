"""The command: its ready line, its end, its state, its errors."""

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from blocks.easybill.sandbox.__main__ import main
from tests.blocks.easybill.sandbox.bodies import customer, draft
from tests.easybill_sandbox import exact
from tests.shared import ROOT

_KEY = {"Authorization": "Bearer any"}


@contextmanager
def running(*arguments: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    command = [sys.executable, "-m", "blocks.easybill.sandbox", "--port", "0", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        ready = re.search(r"page (\S+/) · base URL (\S+/rest/v1) · ", server.stdout.readline())
        assert ready is not None
        assert httpx.get(ready[1]).status_code == 200
        try:
            yield ready[2], server
        finally:
            server.terminate()


def test_the_state_is_there_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "customers.json"
    file.write_text(json.dumps([customer()]), encoding="utf-8")
    arguments = ("--state", str(tmp_path / "state.db"), "--customers", str(file))
    with running(*arguments) as (base_url, server):
        exact(httpx.post(f"{base_url}/documents", json=draft(1), headers=_KEY))
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=10) == 0
    with running(*arguments) as (base_url, _):
        assert exact(httpx.get(f"{base_url}/documents", headers=_KEY))["total"] == 1
        assert exact(httpx.get(f"{base_url}/customers", headers=_KEY))["total"] == 1


def test_a_key_and_a_limit_can_be_given() -> None:
    with running("--api-key", "k", "--requests-per-minute", "1") as (base_url, _):
        url = f"{base_url}/logins"
        right = {"Authorization": "Bearer k"}
        headers = (_KEY, right, right)
        statuses = [httpx.get(url, headers=each).status_code for each in headers]
        assert statuses == [401, 200, 429]


def test_a_port_that_is_in_use_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 1
    error = capsys.readouterr().err
    assert error == f"Port {port} cannot be used: Address already in use. Try another --port\n"


def test_a_file_that_is_no_state_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "state.db"
    file.write_text("no database, but long enough to be looked at" * 100, encoding="utf-8")
    assert main(["--port", "0", "--state", str(file)]) == 1
    assert f"The state file {file} cannot be used" in capsys.readouterr().err


def test_a_file_that_holds_no_customers_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "customers.json"
    file.write_text("[", encoding="utf-8")
    assert main(["--port", "0", "--customers", str(file)]) == 1
    assert f"{file} cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_that_is_no_positive_number_is_refused(limit: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--requests-per-minute", limit])
    assert ended.value.code == 2
