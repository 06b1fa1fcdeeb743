"""Faults of Prefect's server, worker, deployments and schedule, each with its next step."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import prefect
import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from blocks import check
from blocks.check_prefect import DECLARED, prefect_findings
from blocks.easybill.clock import seconds_off
from blocks.finding import Finding, Light
from blocks.saved import SettingsError


@contextmanager
def answering(answers: Mapping[str, object], status: int = 200, date: str = "") -> Iterator[str]:
    """A server that answers by path, and else with 404."""

    class Answer(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = json.dumps(answers.get(self.path)).encode()
            self.send_response(status if self.path in answers else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return date or super().date_time_string(timestamp)

        def log_message(self, *_: object) -> None:
            """Nothing."""

        do_GET = do_POST = do_HEAD = answer  # noqa: N815 - http.server's own names

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


DEPLOYED = [
    {"name": line.removeprefix("  - name: ")}
    for line in DECLARED.read_text().splitlines()
    if line.startswith("  - name: ")
]
GOOD: dict[str, object] = {
    "/api/admin/version": prefect.__version__,
    "/api/work_pools/invoicing": {"is_paused": False},
    "/api/work_pools/invoicing/workers/filter": [{"name": "w", "status": "ONLINE"}],
    "/api/deployments/filter": DEPLOYED,
    "/api/flow_runs/filter": [{"expected_start_time": "2999-01-01T05:00:00Z"}],
}


def findings(
    changed: Mapping[str, object], status: int = 200, account: str | None = None
) -> list[Finding]:
    """What is not ok; an answer that is None is a 404."""
    answers = {**GOOD, **{f"/api/{path}": answer for path, answer in changed.items()}}
    there = {path: answer for path, answer in answers.items() if answer is not None}
    with (
        answering(there, status) as url,
        temporary_settings({PREFECT_API_URL: f"{url}/api"}),
    ):
        return [found for found in prefect_findings(account) if found.light is not Light.OK]


def test_a_good_prefect_is_ok() -> None:
    assert findings({}) == []


@pytest.mark.parametrize(
    ("path", "answer", "said", "next_step"),
    [
        ("work_pools/invoicing", None, "there is no work pool", "prefect work-pool create"),
        ("work_pools/invoicing", {"is_paused": True}, "is paused", "work-pool resume"),
        ("work_pools/invoicing/workers/filter", [], "no worker is on", "prefect worker start"),
        ("deployments/filter", DEPLOYED[1:], "monthly-invoicing", "deploy --all"),
        ("flow_runs/filter", [], "no run of the month is scheduled", "schedule"),
        (
            "flow_runs/filter",
            [{"expected_start_time": "2026-11-01T05:00:00Z"}],
            "was due at 2026-11-01 05:00",
            "worker's log",
        ),
        ("admin/version", "3.0.0", "has release 3.0.0", "same release"),
    ],
)
def test_a_fault_of_prefect_is_named(path: str, answer: object, said: str, next_step: str) -> None:
    (fault,) = findings({path: answer})
    assert said in fault.said
    assert next_step in fault.next_step


def test_the_next_run_is_that_of_the_account() -> None:
    due = "2999-01-01T05:00:00Z"
    runs = [
        {"expected_start_time": due, "parameters": {"account": account} if account else {}}
        for account in ("west", "north")
    ]
    assert findings({"flow_runs/filter": runs}, account="north") == []
    (fault,) = findings({"flow_runs/filter": runs})
    assert fault.said == "no run of the month is scheduled"
    (fault,) = findings({"flow_runs/filter": runs}, account="south")
    assert fault.said == "no run of the month is scheduled for south"


def test_a_prefect_that_does_not_answer_is_all_that_is_said() -> None:
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:1/api"}):
        (down,) = check.findings()
    assert (down.subject, down.light) == ("Prefect server", Light.WRONG)
    assert "does not answer" in down.said
    assert "PREFECT_API_URL" in down.next_step


def test_a_prefect_that_refuses_us_is_named() -> None:
    with pytest.raises(SettingsError, match=r"refuses us\. Set PREFECT_API_AUTH_STRING"):
        findings({}, status=401)


def test_a_clock_that_is_off_is_measured() -> None:
    with answering({"/": None}, date="Sun, 01 Nov 2026 05:00:00 GMT") as url:
        assert abs(seconds_off(url) or 0) > check.CLOCK_SECONDS
