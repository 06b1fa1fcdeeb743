"""Adopt: the text of a layout for a company's own template."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

from blocks.easybill.layout_rules import DATES
from blocks.easybill.layout_template import Template
from blocks.easybill.layout_text import OPEN
from blocks.easybill.layout_vocabulary import CANCELLATION_FEE, FIELDS, NUMBERS, SERVICE, Form

FEE = "Stornogebühr"
NEVER_EMPTY = (
    *("order_number", "customer_number", "currency", "month_first_day", "month_last_day"),
    *("service_id", "kind", "title", "name", "rendered_on", "line_number", "quantity"),
    *("unit_price", "unit_price_net", "unit_price_gross", "vat_percent"),
)
WRITTEN = {form: pattern for form, (_, pattern) in DATES.items()}


def adopt(template: Template, decimal: str | None = None) -> str:
    """The layout's text; `?` stands where a person has to say something.

    `decimal` is the decimal sign, where no example row tells.
    """
    held = _held(template)
    lines = ["[file]", *_form(template, held, decimal)]
    for place, (name, field) in enumerate(held):
        lines += ["", "[[column]]", f"name = {_text(name)}", *_column(template, place, field)]
    return "\n".join(lines) + "\n"


def field_of(name: str) -> str | None:
    """The field that a column of this name holds; None where nobody knows the name."""
    return _known_names().get(_plain(name))


def _held(template: Template) -> list[tuple[str, str | None]]:
    if template.has_no_header:
        return [(f"Spalte {place}", None) for place in range(1, len(template.first) + 1)]
    held = [(name.strip(), field_of(name)) for name in template.first]
    fields = {field for _, field in held}
    # A text of its own beside the name, or all that there is of both.
    alone = {"name", "description"} if not {"name", "description"} <= fields else set()
    if "title" in fields:
        alone = set()
    return [(name, "title" if field in alone else field) for name, field in held]


def _form(
    template: Template, held: Sequence[tuple[str, str | None]], decimal: str | None
) -> Iterator[str]:
    yield f"encoding = {_text(template.encoding)}"
    yield f"separator = {_text(template.separator)}"
    yield f"decimal = {_text(decimal or _decimal(template, held))}"
    days = [place for place, (_, field) in enumerate(held) if _is(field, (Form.DATE,))]
    if days or template.has_no_header:
        yield f"dates = {_text(_dates([t for place in days for t in template.texts(place)]))}"
    yield f"quotes = {_text('always' if template.is_quoted else 'needed')}"
    yield f"line_end = {_text(template.line_end)}"
    yield f"byte_order_mark = {str(template.has_mark).lower()}"
    yield f"header = {str(not template.has_no_header).lower()}"


def _decimal(template: Template, held: Sequence[tuple[str, str | None]]) -> str:
    prices = [place for place, (_, field) in enumerate(held) if _is(field, NUMBERS)]
    texts = [text for place in prices for text in template.texts(place)]
    # What comes last parts the decimals; 1.234,50 has both signs.
    signs = {match[1] for text in texts if (match := re.search(r"([.,])[0-9]+\D*$", text))}
    return signs.pop() if len(signs) == 1 else OPEN


def _dates(examples: Sequence[str]) -> str:
    fitting = [f for f, pattern in WRITTEN.items() if all(re.match(pattern, t) for t in examples)]
    return fitting[0] if examples and fitting else OPEN


def _column(template: Template, place: int, field: str | None) -> Iterator[str]:
    if field is None:
        examples = template.texts(place)
        yield f"holds = {_text(OPEN)}" + (f"  # such as {examples[0]!r}" if examples else "")
        return
    yield f"holds = {_text(field)}"
    if field in NEVER_EMPTY:
        yield "obligatory = true"
    if field == "kind":
        yield f"values = {_kinds(template.texts(place))}"


def _kinds(examples: Sequence[str]) -> str:
    fees = [text for text in examples if re.search("storno|cancel|fee|gebühr", text, re.IGNORECASE)]
    services = [text for text in examples if text not in fees]
    service, fee = services[0] if services else OPEN, fees[0] if fees else FEE
    return f"{{ {SERVICE} = {_text(service)}, {CANCELLATION_FEE} = {_text(fee)} }}"


def _is(field: str | None, forms: Sequence[Form]) -> bool:
    return field is not None and FIELDS[field].form in forms


@cache
def _known_names() -> Mapping[str, str]:
    table = files(__package__).joinpath("layouts", "headers.toml").read_text(encoding="utf-8")
    return {_plain(name): field for field, names in tomllib.loads(table).items() for name in names}


def _plain(name: str) -> str:
    folded = name.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    return re.sub(r"[\W_]", "", folded.replace("%", "prozent"))


def _text(text: str) -> str:
    """A text as TOML writes it; JSON's escapes are among TOML's."""
    return json.dumps(text, ensure_ascii=False)
