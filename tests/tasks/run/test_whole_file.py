"""A file is there whole or not at all, also where the disk is full."""

import errno
import os
import pickle
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tasks.billing.issue import IssueCode
from tasks.run.connections import Connections
from tasks.run.failures import issue_of
from tasks.run.request import RunRequest
from tasks.run.whole_file import FileNotWritten, write_whole
from tests.plain_run import run_plainly
from tests.tasks.billing.test_invoice import OCTOBER
from tests.world import MONTH, World


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """No file of this process may become larger."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with room for a few small files."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=20k", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no file system may be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_file_that_does_not_fit_leaves_nothing_and_the_old_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "2026-10" / "K1.csv"
    write_whole(path, b"before")
    with files_of_at_most(1000), pytest.raises(FileNotWritten) as refused:
        write_whole(path, b"x" * 5000)
    assert str(refused.value) == f"the file {path} could not be written: File too large"
    assert str(pickle.loads(pickle.dumps(refused.value))) == str(refused.value)
    assert [file.name for file in path.parent.iterdir()] == ["K1.csv"]
    assert path.read_bytes() == b"before"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "exports").write_text("in the way")
    with pytest.raises(FileNotWritten, match=r"exports/2026-10/K1\.csv could not be written: "):
        write_whole(tmp_path / "exports" / MONTH / "K1.csv", b"x")


@pytest.mark.parametrize(("filled", "delivered"), [(20, 0), (16, 1), (4, 2)])
def test_a_full_disk_is_named_and_with_room_again_the_month_is_finished(
    world: World, connections: Connections, small_disk: Path, filled: int, delivered: int
) -> None:
    for number in ("K1", "K2"):
        world.add_customer(number)
        world.add_service(f"S-{number}", number)
    here = replace(connections, export_dir=small_disk)
    (small_disk / "filler").write_bytes(b"x" * filled * 1024)
    with pytest.raises(FileNotWritten, match=os.strerror(errno.ENOSPC)) as full:
        run_plainly(here, RunRequest(OCTOBER))
    assert issue_of(full.value).code is IssueCode.FILE_NOT_WRITTEN
    assert len(world.easybill.drafts()) == delivered
    assert list((small_disk / MONTH).glob(".*.part")) == []
    (small_disk / "filler").write_bytes(b"")
    subprocess.run(["mount", "-o", "remount,size=1m", str(small_disk)], check=True)
    assert run_plainly(here, RunRequest(OCTOBER)).is_complete
    assert len(world.easybill.drafts()) == 2


def test_a_customer_whose_file_does_not_fit_is_named_and_the_others_are_invoiced(
    world: World, connections: Connections
) -> None:
    for number in ("K1", "K2"):
        world.add_customer(number)
        world.add_service(f"S-{number}", number)
    world.change_service("S-K1", description="x" * 2_000_000)
    with files_of_at_most(1_500_000):
        report = run_plainly(connections, RunRequest(OCTOBER))
    assert [export.customer_number for export in report.delivered] == ["K2"]
    ((number, (issue,)),) = report.not_invoiced.items()
    assert (number, issue.code) == ("K1", IssueCode.FILE_NOT_WRITTEN)
    assert {file.name for file in (world.export_dir / MONTH).iterdir()} == {
        "K2.csv",
        "drafts.xlsx",
        "manifest.json",
        "report.html",
        "report.json",
    }
