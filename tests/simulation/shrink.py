"""Shrink: cut a story that ends badly down to the fewest steps and troubles that still do.

Whatever may be left out is tried, half of it, a quarter and so on, until nothing more can go.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

from tasks.billing.month import BillingMonth
from tests.simulation.cast import AS_IN_PRODUCTION, Cast
from tests.simulation.invariants import broken_rules
from tests.simulation.luck import TIMES, Befalls
from tests.simulation.mishaps import NO_MISHAPS
from tests.simulation.play import play
from tests.simulation.steps import RunStarts, ServiceWritten, Step
from tests.simulation.story import Story

Item = TypeVar("Item")
Fails = Callable[[Story], bool]


def rules_broken(story: Story, cast: Cast = AS_IN_PRODUCTION) -> frozenset[str]:
    """The rules that the story's end breaks; an exception that nobody expects is one, too."""
    try:
        return frozenset(broken_rules(play(story, cast=cast)))
    except Exception as error:
        return frozenset({type(error).__name__})


def shrunk(story: Story, cast: Cast = AS_IN_PRODUCTION) -> Story | None:
    """The shortest story found that breaks a rule which this one breaks; None if it breaks none."""
    rules = rules_broken(story, cast)
    if not rules:
        return None

    def fails(candidate: Story) -> bool:
        return not rules.isdisjoint(rules_broken(candidate, cast))

    told = as_told(story, cast)
    if not fails(told):
        return None
    return _cut_down(told, fails)


def as_told(story: Story, cast: Cast = AS_IN_PRODUCTION) -> Story:
    """The same story, its troubles written down instead of drawn."""
    if story.befalls is not None:
        return story
    befell: list[Befalls] = []
    # A story that ends in an error is told up to there.
    with suppress(Exception):
        play(story, cast=cast, befell=befell)
    steps = tuple(map(_without_chance, story.steps))
    return replace(story, steps=steps, late_effects=0, befalls=tuple(befell))


def fewest(items: Sequence[Item], fails: Callable[[Sequence[Item]], bool]) -> Sequence[Item]:
    """The fewest of the items with which it still fails; ever smaller parts are left out."""
    size = max(len(items) // 2, 1)
    while items:
        for begin in reversed(range(0, len(items), size)):
            rest = [*items[:begin], *items[begin + size :]]
            if fails(rest):
                items = rest
        if size == 1:
            return items
        size = max(min(size, len(items)) // 2, 1)
    return items


def _without_chance(step: Step) -> Step:
    if not isinstance(step, RunStarts):
        return step
    return replace(step, fault_rate=0.0, ledger_fault_rate=0.0, mishaps=NO_MISHAPS)


def _cut_down(story: Story, fails: Fails) -> Story:
    before = None
    while before != story:
        before = story
        for change in (_fewer_steps, _fewer_times, _fewer_troubles, _simpler_steps, _smaller_stage):
            story = change(story, fails)
    return story


def _fewer_steps(story: Story, fails: Fails) -> Story:
    steps = fewest(story.steps, lambda some: fails(replace(story, steps=tuple(some))))
    return replace(story, steps=tuple(steps))


def _fewer_times(story: Story, fails: Fails) -> Story:
    return _fewer_befalls(story, fails, lambda one: one.what == TIMES)


def _fewer_troubles(story: Story, fails: Fails) -> Story:
    return _fewer_befalls(story, fails, lambda one: one.what != TIMES)


def _fewer_befalls(story: Story, fails: Fails, which: Callable[[Befalls], bool]) -> Story:
    told = story.befalls or ()

    def only(some: Sequence[Befalls]) -> Story:
        wanted = set(some)
        return replace(story, befalls=tuple(b for b in told if b in wanted or not which(b)))

    if fails(only([])):
        return only([])
    return only(fewest(list(filter(which, told)), lambda some: fails(only(some))))


def _simpler_steps(story: Story, fails: Fails) -> Story:
    for place in range(len(story.steps)):
        for simpler in _simpler(story.steps[place]):
            steps = (*story.steps[:place], simpler, *story.steps[place + 1 :])
            candidate = replace(story, steps=tuple(sorted(steps, key=lambda step: step.at)))
            if candidate.steps == steps and fails(candidate):
                story = candidate
    return story


def _simpler(step: Step) -> Iterator[Step]:
    """The same step with less in it; the last that still fails stays."""
    if isinstance(step, RunStarts):
        plain = {"bill_late": False, "recreate_deleted": False, "customers": None}
        for name, value in plain.items():
            if getattr(step, name) != value:
                yield replace(step, **{name: value})  # type: ignore[arg-type]
    if step.at != round(step.at):
        yield replace(step, at=float(round(step.at)))


def _smaller_stage(story: Story, fails: Fails) -> Story:
    """Only the customers and months that the steps speak of."""
    services = [step.service for step in story.steps if isinstance(step, ServiceWritten)]
    customers = {service.customer_number for service in services}
    months = {str(BillingMonth.containing(service.rendered_at)) for service in services}
    months |= {step.month for step in story.steps if isinstance(step, RunStarts)}
    smaller = replace(
        story,
        customers=tuple(number for number in story.customers if number in customers),
        months=tuple(month for month in story.months if str(month) in months),
    )
    return smaller if smaller != story and fails(smaller) else story
