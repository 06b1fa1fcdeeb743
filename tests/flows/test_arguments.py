"""What is typed is read before anything that takes its time is imported."""

import subprocess
import sys

import pytest

from tests.shared import ROOT

SLOW = {"prefect", "sqlalchemy", "polars", "pandera", "httpx", "alembic"}


@pytest.mark.parametrize("command", ["tasks.ask", "flows.monthly_invoicing"])
def test_help_waits_for_no_import_that_takes_its_time(command: str) -> None:
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", command, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in told.stderr.splitlines()}
    assert told.stdout.startswith(f"usage: python -m {command}")
    assert "argparse" in imported
    assert imported & SLOW == set()
