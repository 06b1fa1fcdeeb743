"""Fills the pages' templates; every value is escaped."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from blocks.easybill.sandbox import german


def render(name: str, **values: object) -> str:
    """The page of this name as HTML; a value that is None shows nothing."""
    return _environment().get_template(f"page_{name}.html.j2").render(values)


@cache
def _environment() -> Environment:
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: "" if value is None else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.globals["period"] = german.period
    pages.filters.update(
        day=german.day,
        kind=german.kind,
        money=german.money,
        number=german.number,
        status=german.status,
    )
    return pages
