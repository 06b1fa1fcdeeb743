"""A real Prefect server with its UI, a worker and the deployments, for the tests of flows."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx
import pytest

from tests.databases import fresh_database, reachable_postgres
from tests.shared import ROOT

Found = TypeVar("Found")

STARTS_WITHIN_S = 180
ENDS_WITHIN_S = 240
ANSWERS_WITHIN_S = 60
WORKER = ("prefect", "worker", "start", "--pool", "invoicing", "--type", "process")
# How soon the server calls a run late, and how long one waits that found its deployment busy.
SOONER = {
    "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "1",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "1",
    "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "1",
}
# What Prefect answers while its database is locked; nothing was done then.
BUSY = 503


@dataclass(frozen=True, slots=True)
class PrefectServer:
    """The server's address, and the questions that tests put to it."""

    ui_url: str
    home: Path
    worker_pid: int = 0

    @property
    def api_url(self) -> str:
        """Where Prefect's own client finds it."""
        return f"{self.ui_url}/api"

    def environment(self, further: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment of a process that works with this server."""
        ours = {
            "PREFECT_API_URL": self.api_url,
            "PREFECT_HOME": str(self.home),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_WORKER_QUERY_SECONDS": "1",
            "PREFECT_LOGGING_TO_API_BATCH_INTERVAL": "0.5",
        }
        return {**os.environ, **ours, **(further or {})}

    def run(
        self, command: Sequence[str], further: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as an operator would, in the repository's root; it has to succeed."""
        return subprocess.run(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=self.environment(further),
            check=True,
            capture_output=True,
            text=True,
        )

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Ask the server's API; as Prefect's own client does, wait where it is busy."""

        def answered() -> httpx.Response | None:
            answer = httpx.request(method, f"{self.api_url}{path}", json=body, timeout=30)
            return None if answer.status_code == BUSY else answer

        answer = within(ANSWERS_WITHIN_S, answered, f"{method} {path}: the server stays busy")
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def flow_runs(self, flow_name: str, **filters: object) -> list[dict[str, Any]]:
        """The runs of a flow, the newest first."""
        body = {
            "flows": {"name": {"any_": [flow_name]}},
            "flow_runs": filters or None,
            "sort": "START_TIME_DESC",
        }
        runs: list[dict[str, Any]] = self.call("POST", "/flow_runs/filter", body)
        return runs

    def run_deployment(self, name: str, *arguments: str) -> dict[str, Any]:
        """`prefect deployment run NAME …`, waited for until it ends."""
        command = ["prefect", "deployment", "run", name, *arguments]
        said = self.run(command).stdout
        words = said.replace("/", " ").split()
        run_id = next(word for word in words if _is_uuid(word))
        return self.ended(run_id)

    def ended(self, run_id: str) -> dict[str, Any]:
        """The run once it is in a final state."""

        def final() -> dict[str, Any] | None:
            run: dict[str, Any] = self.call("GET", f"/flow_runs/{run_id}")
            done = run["state_type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
            return run if done else None

        return within(ENDS_WITHIN_S, final, f"run {run_id} has not ended")

    def come_to_rest(self) -> None:
        """End failed customers' own runs, which would go on in the next test's world."""
        unfinished = {"type": {"any_": ["SCHEDULED", "PENDING", "RUNNING"]}}
        for run in self.flow_runs("invoice-customer", state=unfinished):
            if run["state_type"] == "SCHEDULED":
                self.call("DELETE", f"/flow_runs/{run['id']}")
            else:
                self.ended(run["id"])

    def retry(self, run_id: str) -> dict[str, Any]:
        """What the UI's Retry button does, waited for until the run ends again."""
        self.start_again(run_id)
        return self.ended(run_id)

    def start_again(self, run_id: str) -> None:
        """What the UI's Retry button does."""
        state = {"type": "SCHEDULED", "name": "AwaitingRetry", "message": "Retry from the UI"}
        answer = self.call(
            "POST", f"/flow_runs/{run_id}/set_state", {"state": state, "force": False}
        )
        assert answer["status"] == "ACCEPT", answer


def _is_uuid(word: str) -> bool:
    try:
        UUID(word)
    except ValueError:
        return False
    return True


def within(seconds: float, find: Callable[[], Found | None], complaint: str) -> Found:
    """Ask until there is an answer."""
    deadline = time.monotonic() + seconds
    while (found := find()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(complaint)
        time.sleep(0.5)
    return found


@contextmanager
def running(command: Sequence[str], env: Mapping[str, str], log: Path) -> Iterator[int]:
    """A process in the background while the block runs; its id."""
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env=env, stdout=file, stderr=file
        )
        try:
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture(scope="session")
def prefect_database_url() -> Iterator[str | None]:
    """Where the server keeps its state: in PostgreSQL, as in production; None: in its own SQLite.

    None where no PostgreSQL answers and CI does not demand it.
    """
    try:
        server = reachable_postgres()
    except pytest.skip.Exception:
        yield None
        return
    with fresh_database(server, drop_options="WITH (FORCE)") as url:
        yield url


@contextmanager
def started_server(
    home: Path, database_url: str | None, further: Mapping[str, str]
) -> Iterator[PrefectServer]:
    """A server on a free port, in a home of its own, while the block runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = PrefectServer(f"http://127.0.0.1:{port}", home)
    start = ["prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    # The server itself must not take its own address for another server's.
    env = {key: value for key, value in server.environment().items() if key != "PREFECT_API_URL"}
    # The page would look for the API on port 4200.
    env["PREFECT_UI_API_URL"] = server.api_url
    env.update(further)
    if database_url is not None:
        env["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = database_url.replace("+psycopg", "+asyncpg")
    with running(start, env, home / "server.log"):
        within(STARTS_WITHIN_S, lambda: _healthy(server), "the server does not start")
        yield server


@pytest.fixture(scope="session")
def prefect_server(
    tmp_path_factory: pytest.TempPathFactory, prefect_database_url: str | None
) -> Iterator[PrefectServer]:
    """A server with worker and deployments, started once for the whole session."""
    home = tmp_path_factory.mktemp("prefect")
    with started_server(home, prefect_database_url, SOONER) as server:
        server.run(["prefect", "work-pool", "create", "invoicing", "--type", "process"])
        server.run(["prefect", "--no-prompt", "deploy", "--all"])
        with running(WORKER, server.environment(), home / "worker.log") as worker_pid:
            yield replace(server, worker_pid=worker_pid)


def _healthy(server: PrefectServer) -> bool | None:
    try:
        return httpx.get(f"{server.api_url}/health").is_success or None
    except httpx.HTTPError:
        return None
