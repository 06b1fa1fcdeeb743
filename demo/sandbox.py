"""The easybill sandbox as a process of its own, for the demo and the benchmarks."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
STARTS_WITHIN_S = 60


@contextmanager
def sandbox(state: Path, port: int) -> Iterator[str]:
    """The address of an easybill sandbox while the block runs.

    Its customers are those of `state/customers.json`, its drafts survive in `state/easybill.db`.
    Where the port is taken it gets another.
    """
    port = port if _is_free(port) else _any_free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "blocks.easybill.sandbox", "--port", str(port)]
    command += ["--customers", str(state / "customers.json"), "--state", str(state / "easybill.db")]
    with (state / "sandbox.log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)  # noqa: S603 - our own command
        try:
            _wait_for(address)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=10)


def _any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while True:
        try:
            httpx.get(address).raise_for_status()
        except httpx.HTTPError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
