"""Whether Prefect would start the next run: server, worker, deployments, schedule."""

import itertools
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import prefect
from httpx import HTTPStatusError, TransportError
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.settings import PREFECT_API_URL

from blocks.finding import Finding, look, ok, wrong
from blocks.saved import no_answer

POOL = "invoicing"
MONTHLY = "monthly-invoicing"
# Prefect answers no more at a time.
ASKED_AT_ONCE = 200
DECLARED = Path(__file__).parent.parent / "prefect.yaml"
DEPLOY = "in the repository's root: prefect --no-prompt deploy --all"


def prefect_findings(account: str | None = None) -> Iterator[Finding]:
    """Ask the server, if one is set. Raises SettingsError where it does not answer."""
    if not PREFECT_API_URL.value():
        yield look(
            "Prefect server",
            "none is set: runs start from a terminal only",
            "prefect config set PREFECT_API_URL=http://127.0.0.1:4200/api",
        )
        return
    try:
        with get_client(sync_client=True) as client:
            yield _server(client)
            yield _worker(client)
            yield _deployments(client)
            yield _next_run(client, account)
    except (TransportError, HTTPStatusError) as error:
        raise no_answer(error) from None


def _server(client: SyncPrefectClient) -> Finding:
    version = str(_ask(client, "GET", "/admin/version"))
    if version != prefect.__version__:
        return look(
            "Prefect server",
            f"has release {version}, this environment {prefect.__version__}",
            "Install the same release for both",
        )
    return ok("Prefect server", f"answers at {PREFECT_API_URL.value()}, release {version}")


def _worker(client: SyncPrefectClient) -> Finding:
    try:
        pool = _ask(client, "GET", f"/work_pools/{POOL}")
        workers = _ask(client, "POST", f"/work_pools/{POOL}/workers/filter")
    except HTTPStatusError as error:
        if error.response.status_code != 404:
            raise
        create = f"prefect work-pool create {POOL} --type process"
        return wrong("Prefect worker", f"there is no work pool {POOL}", create)
    online = [worker["name"] for worker in workers if worker["status"] == "ONLINE"]
    if pool["is_paused"]:
        resume = f"prefect work-pool resume {POOL}"
        return wrong("Prefect worker", f"the work pool {POOL} is paused", resume)
    if not online:
        start = f"prefect worker start --pool {POOL}"
        return wrong("Prefect worker", f"no worker is on the work pool {POOL}", start)
    return ok("Prefect worker", f"{', '.join(online)} on the work pool {POOL}")


def _deployments(client: SyncPrefectClient) -> Finding:
    wanted = set(re.findall(r"^  - name: (\S+)$", DECLARED.read_text(encoding="utf-8"), re.M))
    there = {found["name"] for found in _ask(client, "POST", "/deployments/filter")}
    if missing := sorted(wanted - there):
        return wrong("deployments", f"not deployed: {', '.join(missing)}", DEPLOY)
    return ok("deployments", ", ".join(sorted(wanted)))


def _next_run(client: SyncPrefectClient, account: str | None) -> Finding:
    of_account = "" if account is None else f" for {account}"
    run = next(
        (r for r in _scheduled(client) if r.get("parameters", {}).get("account") == account), None
    )
    if run is None:
        return wrong(
            "next run",
            f"no run of the month is scheduled{of_account}",
            f"Switch the schedule{of_account} of {MONTHLY} on in Prefect's UI; a new one gets its"
            " runs within a minute",
        )
    due = datetime.fromisoformat(run["expected_start_time"].replace("Z", "+00:00"))
    if due < datetime.now(UTC):
        return wrong("next run", f"was due at {due:%Y-%m-%d %H:%M} UTC", "See the worker's log")
    return ok("next run", f"{due:%Y-%m-%d %H:%M} UTC")


def _scheduled(client: SyncPrefectClient) -> Iterator[dict[str, Any]]:
    """The month's scheduled runs of all accounts, the next first."""
    body = {
        "deployments": {"name": {"any_": [MONTHLY]}},
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}, "name": {"any_": ["Scheduled"]}}},
        "sort": "EXPECTED_START_TIME_ASC",
        "limit": ASKED_AT_ONCE,
    }
    for offset in itertools.count(0, ASKED_AT_ONCE):
        runs = _ask(client, "POST", "/flow_runs/filter", {**body, "offset": offset})
        yield from runs
        if len(runs) < ASKED_AT_ONCE:
            return


def _ask(client: SyncPrefectClient, method: Any, path: Any, body: object = None) -> Any:
    answer = client.request(method, path, json=body or {})
    answer.raise_for_status()
    return answer.json()
