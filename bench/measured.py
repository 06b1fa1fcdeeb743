"""A command measured: its wall time, its own CPU time, its memory."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.real_month import ROOT


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of a command: `cpu_s` of its process and its children, `peak_mib` of its process."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def measured(
    command: Sequence[str],
    settings: Mapping[str, str],
    log_file: Path,
    codes: Collection[int] = (0,),
) -> Measured:
    """Run a Python command in the repository's root; SystemExit where it ends with another code."""
    begun = time.perf_counter()
    with log_file.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=log,
            stderr=log,
        )
        peak_mib = _peak_mib(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
    if (code := os.waitstatus_to_exitcode(status)) not in codes:
        raise SystemExit(f"{' '.join(command)} ended with {code}: see {log_file}")
    cpu_s = usage.ru_utime + usage.ru_stime
    return Measured(time.perf_counter() - begun, cpu_s, peak_mib)


def _peak_mib(pid: int) -> float:
    """The most memory that a process had, when it ends.

    Looked at until then: of an ended process Linux tells ru_maxrss, and a process that was forked
    begins with its parent's.
    """
    peak_kib = 0
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        if found := re.search(r"VmHWM:\s+(\d+) kB", status):
            peak_kib = int(found[1])
        time.sleep(0.05)
    return peak_kib / 1024
