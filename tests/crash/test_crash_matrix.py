"""A run is killed at every step of every customer; run again, it ends as if undisturbed."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from signal import SIGKILL
from typing import Any

import pytest
from sqlalchemy import URL

from tests.crash.copies import Copies
from tests.crash.driver import Act, Ran, again, invoice, open_ledger, take_back
from tests.crash.place import FIRST, LAST, MIDDLE, Original, a_database, change, fill, stock
from tests.crash.points import THE_RUN, Point
from tests.crash.processes import Started

CASES_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Kind:
    """What the run that is killed does, the calls that takes, and how many drafts there are then.

    Unless it is the month's first run, the OMS says something else than at the first.
    """

    act: Act
    calls: tuple[str, ...]
    drafts: int
    is_first: bool = False


KINDS = {
    "first": Kind(
        invoice, ("upload_attachment", "create_draft", "link_attachment"), 3, is_first=True
    ),
    "update": Kind(
        invoice,
        ("upload_attachment", "update_untouched", "link_attachment", "delete_attachment"),
        3,
    ),
    "withdrawal": Kind(take_back, ("delete_untouched",), 0),
}


@dataclass(frozen=True, slots=True)
class Story:
    """A world before the run that is killed, and what that run does if it is not."""

    kind: Kind
    original: Original
    copies: Copies
    points: list[Point]
    end: dict[str, Any]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def server(request: pytest.FixtureRequest) -> URL | None:
    if request.param == "sqlite":
        return None
    url: URL = request.getfixturevalue("postgres_server")
    return url


@pytest.fixture(scope="module")
def copies(server: URL | None) -> Iterator[Copies]:
    with Copies(server) as copies:
        yield copies


@pytest.fixture(scope="module", params=list(KINDS))
def story(
    request: pytest.FixtureRequest,
    server: URL | None,
    copies: Copies,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Story]:
    kind, folder = KINDS[request.param], tmp_path_factory.mktemp("world")
    with ExitStack() as stack:
        original = Original(folder, server, stack.enter_context(a_database(server)))
        prepare(original, kind)
        copies.learn(original.database)
        with a_copy(original, copies, "undisturbed") as copy:
            ran, end = undisturbed(copy, kind)
        for number in (FIRST, MIDDLE, LAST):
            steps = {point.before for point in ran.points}
            assert {f"easybill {call} ({number})" for call in kind.calls} <= steps
        yield Story(kind, original, copies, ran.points, end)


@contextmanager
def a_copy(original: Original, copies: Copies, name: str) -> Iterator[Original]:
    folder = original.folder.with_name(f"{original.folder.name}-{name}")
    with copies.one(original.database) as database, original.copy(folder, database) as copy:
        yield copy


def prepare(original: Original, kind: Kind) -> None:
    """Before the month's first run, or after it, when the OMS says something else again."""
    with original.opened() as (place, easybill):
        world = original.world(easybill)
        fill(world)
        assert Started(open_ledger, place).ended().answered()
        if not kind.is_first:
            Started(invoice, place).ended().answered()
            # easybill tells edits apart by the second.
            time.sleep(1)
            change(world)


def undisturbed(original: Original, kind: Kind) -> tuple[Ran, dict[str, Any]]:
    with original.opened() as (place, easybill):
        ran = Started(kind.act, place).ended().answered()
        assert ran.is_complete, ran.headline
        end = {**stock(original.folder, easybill), **ran.ledger}
    assert len(end["drafts"]) == len(end["attachments"]) == kind.drafts
    return ran, end


def what_went_wrong(story: Story, index: int) -> str | None:
    """Kill a run at this point and run again; None where the end is as it should be."""
    with (
        a_copy(story.original, story.copies, str(index)) as copy,
        copy.opened() as (place, easybill),
    ):
        kill_at = (index, story.points[index])
        killed = Started(story.kind.act, place, kill_at).ended()
        if killed.exit_code != -SIGKILL:
            return f"not killed there: exit code {killed.exit_code}, {killed.traceback}"
        rerun = Started(again, story.kind.act, place).ended()
        if rerun.answer is None:
            return f"the rerun broke off: {rerun.traceback}"
        if not rerun.answer.is_complete:
            return f"the rerun did not end green: {rerun.answer.headline}"
        end = {**stock(copy.folder, easybill), **rerun.answer.ledger}
    differing = [key for key in story.end if end[key] != story.end[key]]
    told = [f"{key} are {end[key]}, undisturbed {story.end[key]}" for key in differing]
    return "; ".join(told) or None


@pytest.mark.parametrize("customer", [FIRST, MIDDLE, LAST, THE_RUN])
def test_after_a_kill_at_any_step_one_rerun_ends_like_an_undisturbed_run(
    story: Story, customer: str
) -> None:
    indexes = [i for i, point in enumerate(story.points) if point.customer == customer]
    with ThreadPoolExecutor(CASES_AT_ONCE) as pool:
        outcomes = list(pool.map(lambda index: what_went_wrong(story, index), indexes))
    wrong = [
        f"killed {story.points[index]}: {outcome}"
        for index, outcome in zip(indexes, outcomes, strict=True)
        if outcome
    ]
    assert not wrong, f"{len(wrong)} of {len(indexes)} points:\n" + "\n".join(wrong)
