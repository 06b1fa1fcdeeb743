"""`python -m tests.small_scope [--at-most 3] [--workers 2]`, or `--guards`."""

import argparse
import sys

from tests.simulation.guards import GUARDS
from tests.small_scope.telling import first_failure, play_all

MOST_DISTURBANCES = 3
FAILURES_NAMED = 20
# The guards that are not missed by two runs, one after the other, of one month, and why.
_BOTH_AWAKE = "needs a run that is paused, and wakes while the next one works"
NEED_MORE = {
    "fencing: the ledger checks the lease's token": _BOTH_AWAKE,
    "fencing: the lease is checked before a request": _BOTH_AWAKE,
    "a line is claimed once: the unique key": "needs a line that changes month or customer",
    "a month ends before the next begins": "needs a service at the first instant of a month",
}


def main() -> int:
    """Play every combination; 0 where all end well, or where each guard is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.small_scope")
    parser.add_argument("--at-most", type=int, default=MOST_DISTURBANCES, help="disturbances")
    parser.add_argument("--workers", type=int, default=2, help="how many processor cores")
    parser.add_argument("--guards", action="store_true", help="take each guard away")
    options = parser.parse_args()
    if options.guards:
        return _without_guards(options.at_most)
    summary = play_all(options.at_most, options.workers)
    for ending in sorted(summary.failed, key=lambda e: e.combination.disturbances)[:FAILURES_NAMED]:
        _say(f"{ending.combination}: {ending.complaints[0]}")
    _say(str(summary))
    return int(bool(summary.failed))


def _without_guards(at_most: int) -> int:
    """Say what first ends badly without each guard; 0 where it is as NEED_MORE says."""
    surprises = 0
    for guard in GUARDS:
        ending = first_failure(guard.cast, at_most)
        surprises += (ending is None) != (guard.name in NEED_MORE)
        if ending is None:
            _say(f"{guard.name}: not missed; {NEED_MORE.get(guard.name, 'but it should be')}")
        else:
            _say(f"{guard.name}: {ending.combination}: {ending.complaints[0]}")
    return int(surprises > 0)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
