"""Fresh stories: which ones are told depends on the commit, so that each tells others."""

import subprocess
import time

from tests.shared import ROOT

# Far beyond the fixed ones; a commit leads to one of a billion places.
_FIRST, _SPREAD = 10**9, 10**9


def first_fresh_seed() -> int:
    """The seed of the first; by the time of day where there is no commit."""
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    number = int(head.stdout, 16) if head.returncode == 0 else time.time_ns()
    return _FIRST + number % _SPREAD
