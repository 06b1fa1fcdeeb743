"""The list of drafts, filtered by month and customer, page by page."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from blocks.easybill.sandbox.store import Store

_PER_PAGE = 50
_FROM = "FROM documents d LEFT JOIN customers c ON c.id = d.customer_id WHERE"
_COLUMNS = (
    "d.id, c.number AS customer_number, c.display_name, d.external_id, d.service_from,"
    " d.service_to, d.positions, d.amount_net, d.amount, d.currency, d.is_draft"
)


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What the page's address says: which drafts, and which page of them."""

    month: str = ""
    search: str = ""
    page: int = 1

    @classmethod
    def read(cls, address: Mapping[str, str]) -> "ListQuery":
        """Read the address; a page that is no number is the first."""
        page = address.get("page", "")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 10 else 1
        return cls(address.get("month", ""), address.get("customer", "").strip(), max(1, number))

    def address(self, page: int) -> str:
        """Where another page of the same list is."""
        query = {"month": self.month, "customer": self.search, "page": page}
        return "/?" + urlencode({name: value for name, value in query.items() if value})

    def condition(self) -> tuple[str, list[object]]:
        """The filters in SQL, and their values."""
        parts, values = ["1"], list[object]()
        if self.month:
            parts.append("substr(d.service_from, 1, 7) = ?")
            values.append(self.month)
        if self.search:
            parts.append("(instr(lower(c.number), ?) OR instr(lower(c.display_name), ?))")
            values += [self.search.lower()] * 2
        return " AND ".join(parts), values


def values_of_list(store: Store, query: ListQuery) -> dict[str, object]:
    """What the list's template shows."""
    condition, values = query.condition()
    totals = store.rows(
        "SELECT count(*) AS documents, d.currency, sum(d.amount_net) AS net,"
        f" sum(d.amount) AS gross {_FROM} {condition} GROUP BY d.currency ORDER BY d.currency",
        values,
    )
    documents = sum(row["documents"] for row in totals)
    pages = max(1, -(-documents // _PER_PAGE))
    page = min(query.page, pages)
    rows = store.rows(
        f"SELECT {_COLUMNS} {_FROM} {condition} ORDER BY d.id DESC LIMIT ? OFFSET ?",
        [*values, _PER_PAGE, (page - 1) * _PER_PAGE],
    )
    return {
        "query": query,
        "months": _months(store),
        "documents": documents,
        "totals": totals,
        "rows": rows,
        "files": _files(store, [row["id"] for row in rows]),
        "page": page,
        "pages": pages,
    }


def _months(store: Store) -> list[str]:
    rows = store.rows(
        "SELECT DISTINCT substr(service_from, 1, 7) AS month FROM documents"
        " WHERE service_from IS NOT NULL ORDER BY month DESC"
    )
    return [row["month"] for row in rows]


def _files(store: Store, document_ids: list[int]) -> dict[int, list[sqlite3.Row]]:
    files: dict[int, list[sqlite3.Row]] = {document_id: [] for document_id in document_ids}
    marks = ",".join("?" * len(files))
    for row in store.rows(
        f"SELECT id, file_name, document_id FROM attachments WHERE document_id IN ({marks})",  # noqa: S608 - our own names, no input
        document_ids,
    ):
        files[row["document_id"]].append(row)
    return files
