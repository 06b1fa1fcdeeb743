"""What a check of the surroundings found: a line of its table."""

from dataclasses import dataclass
from enum import Enum


class Light(Enum):
    """How good a finding is; only WRONG fails the check."""

    OK = "ok"
    LOOK = "look"
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what to do where it is not well."""

    subject: str
    light: Light
    said: str
    next_step: str = ""

    def __str__(self) -> str:
        line = f"{self.light.value:<6} {self.subject:<18} {self.said}"
        return f"{line}\n{'':25} -> {self.next_step}" if self.next_step else line


def ok(subject: str, said: str) -> Finding:
    """All is well."""
    return Finding(subject, Light.OK, said)


def look(subject: str, said: str, next_step: str) -> Finding:
    """It may be as wanted: a person decides."""
    return Finding(subject, Light.LOOK, said, next_step)


def wrong(subject: str, said: str, next_step: str) -> Finding:
    """A run would fail, or none would begin."""
    return Finding(subject, Light.WRONG, said, next_step)
