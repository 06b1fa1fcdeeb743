"""Query parameters of the lists: paging and filters, as conditions in SQL."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from blocks.easybill.sandbox.refusal import invalid
from blocks.easybill.sandbox.validation import Violations, is_date

How = Literal["list", "member", "one", "day", "flag"]
Query = Sequence[tuple[str, str]]

CUSTOMER_FILTERS: Mapping[str, tuple[How, str]] = {
    "number": ("list", "number"),
    "group_id": ("list", "group_id"),
    "additional_group_id": ("member", "additional_groups_ids"),
    "country": ("list", "country"),
    "zip_code": ("list", "zip_code"),
    "emails": ("member", "emails"),
    "first_name": ("list", "first_name"),
    "last_name": ("list", "last_name"),
    "company_name": ("list", "company_name"),
    "created_at": ("day", "created_at"),
}
DOCUMENT_FILTERS: Mapping[str, tuple[How, str]] = {
    "type": ("list", "type"),
    "is_draft": ("flag", "is_draft"),
    "is_archive": ("flag", "is_archive"),
    "customer_id": ("list", "customer_id"),
    "project_id": ("list", "project_id"),
    "ref_id": ("one", "ref_id"),
    "document_date": ("day", "document_date"),
    "paid_at": ("day", "paid_at"),
    "title": ("list", "title"),
    "number": ("list", "number"),
    "cancel_id": ("list", "cancel_id"),
    "fulfillment_country": ("list", "fulfillment_country"),
    "vat_country": ("list", "vat_country"),
    "shipping_country": ("list", "shipping_country"),
    "status": ("list", "status"),
    "edited_at": ("day", "edited_at"),
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
