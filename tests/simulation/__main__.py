"""`python -m tests.simulation --seeds 10000 [--fresh 2000] [--jobs 2]`, or `--replay SEED`.

The fixed stories are the same each time, the fresh ones other ones for each commit.
A story that ends badly is cut down to what it takes, and told; `--replay SEED --keep NAME` keeps
it in tests/simulation/kept for good, and `--replay NAME` tells it again.
"""

import argparse
import sys

from tests.simulation.fresh import first_fresh_seed
from tests.simulation.kept import FOLDER, kept_stories, write
from tests.simulation.paths import FIXED_STORIES
from tests.simulation.shrink import shrunk
from tests.simulation.story import Story, tell
from tests.simulation.telling import Summary, quiet, tell_many, told_of

STORIES_TOLD = 3
FAILURES_NAMED = 20
RARE_PATHS = 12


def main() -> int:
    """Tell stories; 0 where all end well."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=10_000, help="how many stories")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--fresh", type=int, default=0, help="how many others each commit")
    parser.add_argument("--jobs", type=int, default=2, help="how many processor cores")
    parser.add_argument("--replay", metavar="STORY", help="tell one step by step: seed or name")
    parser.add_argument("--keep", metavar="NAME", help="cut the replayed story down and keep it")
    options = parser.parse_args()
    if options.replay is not None:
        quiet()
        return _replay(options.replay, options.keep)
    seeds = range(options.first, options.first + options.seeds)
    code = judged(tell_many(seeds, options.jobs).with_paths_of(kept_stories())) if seeds else 0
    if options.fresh:
        first = first_fresh_seed()
        _say("", f"Fresh stories: --first {first} --seeds {options.fresh}")
        code |= judged(tell_many(range(first, first + options.fresh), options.jobs))
    return code


def judged(summary: Summary) -> int:
    """Say how the stories ended; 0 where all is well."""
    quiet()
    _name_failures(summary)
    never = _tell_of_paths(summary)
    _say(str(summary))
    return int(bool(summary.failed) or (never and summary.stories >= FIXED_STORIES))


def _replay(name: str, keep: str | None) -> int:
    story = tell(int(name)) if name.isdecimal() else kept_stories()[name]
    if keep is not None:
        short = shrunk(story)
        if short is None:
            _say("This story ends well, or not when it is told again: nothing to keep.")
            return 2
        write(short, FOLDER / f"{keep}.json")
        story = short
    lines = told_of(story, f"Story {keep or name}")
    _say(*lines)
    return int(any(line.startswith(("WRONG", "Traceback")) for line in lines))


def _name_failures(summary: Summary) -> None:
    failed = sorted(summary.failed, key=lambda ending: ending.seed)
    for ending in failed[:STORIES_TOLD]:
        story = tell(ending.seed)
        short = shrunk(story)
        _say(*told_of(short or story, f"Story {ending.seed}{', cut down' if short else ''}"))
        if short is not None:
            _say("What it takes:", *_what_it_takes(short))
        _say(f"Again: python -m tests.simulation --replay {ending.seed} [--keep NAME]", "")
    for ending in failed[:FAILURES_NAMED]:
        _say(f"seed {ending.seed}: {ending.complaints[0]}")


def _tell_of_paths(summary: Summary) -> bool:
    """Say which paths are rare; whether one was never taken."""
    paths = summary.rarest()
    never = [path for path, stories in paths if not stories]
    _say(*(f"never taken: {path}" for path in never))
    taken = paths[len(never) : len(never) + RARE_PATHS]
    _say(f"{len(paths)} paths, {len(never)} never taken; the rarest of the others:")
    _say(*(f"{stories:7} {path}" for path, stories in taken))
    return bool(never)


def _what_it_takes(story: Story) -> list[str]:
    troubles = [f"- {one}" for one in story.befalls or ()]
    return [*(f"- {step.at:.3f} {step}" for step in story.steps), *troubles]


def _say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
