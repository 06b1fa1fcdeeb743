"""The text of a draft's position, as a template over the fields of its service."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from string import Formatter
from typing import NamedTuple, Self

FIELDS = ("name", "description", "rendered_at", "order_number", "service_code")
_OBLIGATORY = "name"
_TIME = "rendered_at"
_USUAL_TIME = "%d.%m.%Y"
_TIME_FORMAT = re.compile(r"(%[dmyYHM%]|[^%{}])*")

Value = str | datetime | None


class _Part(NamedTuple):
    """Text that stands as it is, and the field behind it, with the format of a time."""

    text: str
    field: str | None
    time_format: str

    def filled(self, values: Mapping[str, Value]) -> str:
        value = values[self.field] if self.field else None
        if isinstance(value, datetime):
            value = value.strftime(self.time_format)
        return f"{self.text}{value or ''}"


@dataclass(frozen=True, slots=True)
class PositionText:
    r"""Such as `{name}`, a new line, `{rendered_at:%d.%m.%Y}, order {order_number}`.

    In a setting of one line, `\n` stands for a new line.
    """

    lines: tuple[tuple[_Part, ...], ...]

    @classmethod
    def parse(cls, template: str) -> Self:
        """Read a template; ValueError says what is wrong with it."""
        lines = tuple(_parts(line) for line in template.replace("\\n", "\n").split("\n"))
        if not any(part.field == _OBLIGATORY for line in lines for part in line):
            raise ValueError("it needs {name}: what was rendered")
        return cls(lines)

    def filled(self, values: Mapping[str, Value]) -> str:
        """The text with these values; a line is left out where none of its fields has one."""
        said = (
            "".join(part.filled(values) for part in line).strip()
            for line in self.lines
            if _says_something(line, values)
        )
        return "\n".join(filter(None, said))


def _says_something(line: tuple[_Part, ...], values: Mapping[str, Value]) -> bool:
    fields = [part.field for part in line if part.field]
    return not fields or any(values[field] for field in fields)


def _parts(line: str) -> tuple[_Part, ...]:
    try:
        parsed = list(Formatter().parse(line))
    except ValueError:
        raise ValueError("write each field in braces, and a brace itself twice") from None
    return tuple(_part(text, *field) for text, *field in parsed)


def _part(text: str, field: str | None, time_format: str | None, conversion: str | None) -> _Part:
    if field is None:
        return _Part(text, None, "")
    if field not in FIELDS or conversion:
        known = ", ".join(f"{{{name}}}" for name in FIELDS)
        shown = f"{field}!{conversion}" if conversion else field
        raise ValueError(f"{{{shown}}} is no field: there are {known}")
    if time_format and field != _TIME:
        raise ValueError(f"{{{field}}} takes no format: only {{{_TIME}}} does")
    if not _TIME_FORMAT.fullmatch(time_format or ""):
        raise ValueError(f"the format of {{{_TIME}}} may have %d, %m, %y, %Y, %H and %M")
    return _Part(text, field, time_format or _USUAL_TIME)
