"""Stories that are kept as data: whatever the seeds come to mean, they are told as they were."""

import json
from dataclasses import asdict, fields
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

from pydantic import TypeAdapter

from tasks.billing.month import BillingMonth
from tests.simulation.luck import Befalls
from tests.simulation.steps import Step
from tests.simulation.story import Kind, Story
from tests.simulation.troubles import Trouble

# What is no step, and befalls no run.
NOT_STEPS = (Trouble.INVOICES_CHANGE, Trouble.NEW_CUSTOMERS)
FOLDER = Path(__file__).parent / "kept"
_STEPS: dict[str, type] = {step.__name__: step for step in get_args(Step)}


def kept_stories() -> dict[str, Story]:
    """All of them by name."""
    return {file.stem: read(file) for file in sorted(FOLDER.glob("*.json"))}


def write(story: Story, file: Path) -> None:
    """Keep a story whose troubles are told, not drawn."""
    if story.befalls is None:
        raise ValueError("the troubles of this story are drawn from its seed")
    kept = {
        "kind": story.kind.name,
        "customers": story.customers,
        "months": [str(month) for month in story.months],
        "troubles": sorted(t.name for t in NOT_STEPS if t in story.troubles),
        "steps": [{"step": type(step).__name__, **_said(step)} for step in story.steps],
        "befalls": [_said(one) for one in story.befalls],
    }
    file.parent.mkdir(exist_ok=True)
    text = json.dumps(kept, default=_text, ensure_ascii=False, indent=1)
    file.write_text(f"{text}\n", encoding="utf-8")


def read(file: Path) -> Story:
    """A story that was kept."""
    kept = json.loads(file.read_text(encoding="utf-8"))
    return Story(
        seed=0,
        kind=Kind[kept["kind"]],
        customers=tuple(kept["customers"]),
        months=tuple(BillingMonth.parse(month) for month in kept["months"]),
        steps=tuple(_step(said) for said in kept["steps"]),
        late_effects=0,
        troubles=frozenset(Trouble[name] for name in kept.get("troubles", ())),
        befalls=tuple(TypeAdapter(Befalls).validate_python(said) for said in kept["befalls"]),
    )


def _step(said: dict[str, Any]) -> Step:
    step: Step = TypeAdapter(_STEPS[said.pop("step")]).validate_python(said)
    return step


def _said(value: Any) -> dict[str, Any]:
    """Its fields, without those that say what goes without saying."""
    usual = {field.name: field.default for field in fields(value)}
    return {
        name: given for name, given in asdict(value).items() if getattr(value, name) != usual[name]
    }


def _text(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"{value!r} cannot be kept")
