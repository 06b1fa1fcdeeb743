"""Query parameters of the lists: paging and filters, as conditions in SQL."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from blocks.easybill.sandbox.refusal import invalid
from blocks.easybill.sandbox.validation import Violations, is_date

How = Literal["list", "member", "one", "day", "flag"]
Query = Sequence[tuple[str, str]]


def _by(how: How, names: str) -> dict[str, tuple[How, str]]:
    """Filters that are called like their columns."""
    return {name: (how, name) for name in names.split()}


CUSTOMER_FILTERS: Mapping[str, tuple[How, str]] = {
    **_by("list", "number group_id country zip_code first_name last_name company_name"),
    **_by("member", "emails"),
    **_by("day", "created_at"),
    "additional_group_id": ("member", "additional_groups_ids"),
}
DOCUMENT_FILTERS: Mapping[str, tuple[How, str]] = {
    **_by("list", "type customer_id project_id title number cancel_id status"),
    **_by("list", "fulfillment_country vat_country shipping_country"),
    **_by("one", "ref_id"),
    **_by("flag", "is_draft is_archive"),
    **_by("day", "document_date paid_at edited_at"),
}
_NULLABLE = ("paid_at", "cancel_id")
_MOST_PER_PAGE = 1000
_LARGEST_PAGE = 10**9


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows a query finds, and which page of them it wants."""

    conditions: tuple[str, ...]
    values: tuple[object, ...]
    page: int
    limit: int

    @property
    def where(self) -> str:
        """The conditions in SQL; true where there are none."""
        return " AND ".join(self.conditions) or "1"


def selection(
    query: Query,
    filters: Mapping[str, tuple[How, str]],
    *,
    escaped_commas: bool,
    violations: Violations,
) -> Selection:
    """Read a list's query. Raises Refused for values out of range."""
    conditions: list[str] = []
    values: list[object] = []
    paging = {"page": 1, "limit": 100}
    for name, texts in _gathered(query, escaped_commas=escaped_commas).items():
        if name in paging:
            most = _MOST_PER_PAGE if name == "limit" else _LARGEST_PAGE
            paging[name] = _whole_number(name, texts, most)
        elif name in filters:
            condition, needed = _condition(name, *filters[name], texts)
            conditions.append(condition)
            values += needed
        else:
            violations.append(f"the query parameter {name} is unknown")
    return Selection(tuple(conditions), tuple(values), paging["page"], paging["limit"])


def split_list(text: str, *, escaped_commas: bool) -> list[str]:
    r"""The parts between commas; with `X-Easybill-Escape` a `\,` belongs to its part."""
    if not escaped_commas:
        return text.split(",")
    return [part.replace("\0", ",") for part in text.replace("\\,", "\0").split(",")]


def _gathered(query: Query, *, escaped_commas: bool) -> dict[str, list[str]]:
    gathered: dict[str, list[str]] = {}
    for name, text in query:
        parts = split_list(text, escaped_commas=escaped_commas)
        gathered.setdefault(name.removesuffix("[]"), []).extend(parts)
    return gathered


def _whole_number(name: str, texts: Sequence[str], most: int) -> int:
    number = int(texts[-1]) if texts[-1].isascii() and texts[-1].isdigit() else 0
    if not 1 <= number <= most:
        raise invalid(f"{name} is a whole number from 1 to {most}", name)
    return number


def _condition(
    name: str, how: How, column: str, texts: Sequence[str]
) -> tuple[str, Iterable[object]]:
    if name in _NULLABLE and list(texts) == ["null"]:
        return f"{column} IS NULL", ()
    marks = ",".join("?" * len(texts))
    if how == "day":
        return f"substr({column}, 1, 10) BETWEEN ? AND ?", _period(name, texts)
    if how == "flag":
        if list(texts) not in (["0"], ["1"]):
            raise invalid(f"{name} is 0 or 1", name)
        return f"{column} = ?", (int(texts[0]),)
    if how == "member":
        inside = f"SELECT 1 FROM json_each({column}) WHERE CAST(value AS TEXT) IN ({marks})"  # noqa: S608 - our own names, no input
        return f"EXISTS ({inside})", texts
    return f"{column} IN ({marks})", texts


def _period(name: str, texts: Sequence[str]) -> Sequence[str]:
    if len(texts) > 2 or not all(map(is_date, texts)):
        raise invalid(f"{name} is a date, or two: from,to", name)
    return (texts[0], texts[-1])
