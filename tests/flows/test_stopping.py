"""A run that is stopped while its request is under way gives nothing back before that is over."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.prefect_server import PrefectServer, within
from tests.shared import ROOT
from tests.world import MONTH, World

# How long easybill takes for a draft: long enough to stop the run meanwhile, and to start another.
TAKES_S = 15


@pytest.fixture
def environment(world: World, prefect_server: PrefectServer) -> Iterator[dict[str, str]]:
    """What both runs are started with; one customer is to be invoiced."""
    world.add_customer("K1")
    world.add_service("S-K1", "K1")
    prefect_server.run(["blocks.register", "--replace"], world.environment)
    yield prefect_server.environment(world.environment)
    prefect_server.come_to_rest()


def started(environment: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "flows.monthly_invoicing", "--month", MONTH]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stderr=subprocess.STDOUT,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_no_other_run_drafts_what_a_stopped_run_has_sent(
    world: World, environment: dict[str, str], stop: signal.Signals
) -> None:
    world.easybill.plant_fault("slow_before", "POST", "/documents", seconds=TAKES_S)
    first = started(environment)
    within(90, lambda: world.exports().get("K1") and is_sending(world), "nothing is sent")
    stopped_at = time.monotonic()
    os.kill(first.pid, stop)
    # The lease must not be free while the request is out.
    second = started(environment)
    said, _ = first.communicate(timeout=90)
    assert time.monotonic() - stopped_at < 60, said
    second.communicate(timeout=200)
    third = started(environment)
    said, _ = third.communicate(timeout=200)
    assert third.returncode == 0, said
    assert [draft["external_id"] for draft in world.easybill.drafts()] == [f"oms:{MONTH}:K1"]
    assert world.easybill.counts()["POST /documents"] == 1


def is_sending(world: World) -> bool:
    export = world.exports()["K1"]
    return (export.state, export.pending) == ("sending", "draft")
