"""`python -m tests.simulation --seeds 10000 [--first 1] [--workers 2]`, or `--replay SEED`."""

import argparse
import sys

from tests.simulation.telling import quiet, replay, tell_many

STORIES_TOLD = 3
FAILURES_NAMED = 20


def main() -> int:
    """Tell stories; 0 where all end well."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=10_000, help="how many stories")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--workers", type=int, default=2, help="how many processor cores")
    parser.add_argument("--replay", type=int, metavar="SEED", help="tell one story step by step")
    options = parser.parse_args()
    if options.replay is not None:
        quiet()
        lines = replay(options.replay)
        _say(*lines)
        return int(any(line.startswith(("WRONG", "Traceback")) for line in lines))
    seeds = range(options.first, options.first + options.seeds)
    summary = tell_many(seeds, options.workers)
    quiet()
    failed = sorted(summary.failed, key=lambda ending: ending.seed)
    for ending in failed[:STORIES_TOLD]:
        _say(*replay(ending.seed), f"Again: python -m tests.simulation --replay {ending.seed}", "")
    for ending in failed[:FAILURES_NAMED]:
        _say(f"seed {ending.seed}: {ending.complaints[0]}")
    _say(str(summary))
    return int(bool(summary.failed))


def _say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
