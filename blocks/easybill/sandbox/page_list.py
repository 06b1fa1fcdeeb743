"""The list of drafts, filtered by month and customer, page by page."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from blocks.easybill.sandbox import german
from blocks.easybill.sandbox.page_frame import frame, state_tag, text
from blocks.easybill.sandbox.store import Store

_PER_PAGE = 50
_FROM = "FROM documents d LEFT JOIN customers c ON c.id = d.customer_id WHERE"
_COLUMNS = (
    "d.id, c.number AS customer_number, c.display_name, d.external_id, d.service_from,"
    " d.service_to, d.positions, d.amount_net, d.amount, d.currency, d.is_draft"
)
_HEAD = (
    "<tr><th>Customer</th><th>Name</th><th>External id</th><th>Period of supply</th>"
    '<th class="n">Positions</th><th class="n">Net</th><th class="n">VAT</th>'
    '<th class="n">Gross</th><th>File</th><th>State</th></tr>'
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page's address asks for."""

    month: str = ""
    search: str = ""
    page: int = 1

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Asked":
        """Read the address; a page that is no number is the first."""
        page = query.get("page", "")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 10 else 1
        return cls(query.get("month", ""), query.get("customer", "").strip(), max(1, number))

    def address(self, page: int) -> str:
        """Where another page of the same list is, as HTML."""
        query = {"month": self.month, "customer": self.search, "page": page}
        return text("/?" + urlencode({name: value for name, value in query.items() if value}))

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


def list_page(store: Store, asked: Asked) -> str:
    """The list as HTML."""
    condition, values = asked.condition()
    sums = store.rows(
        "SELECT count(*) AS documents, d.currency, sum(d.amount_net) AS net,"
        f" sum(d.amount) AS gross {_FROM} {condition} GROUP BY d.currency ORDER BY d.currency",
        values,
    )
    total = sum(row["documents"] for row in sums)
    pages = max(1, -(-total // _PER_PAGE))
    page = min(asked.page, pages)
    rows = store.rows(
        f"SELECT {_COLUMNS} {_FROM} {condition} ORDER BY d.id DESC LIMIT ? OFFSET ?",
        [*values, _PER_PAGE, (page - 1) * _PER_PAGE],
    )
    table = _table(rows, _files(store, [row["id"] for row in rows]))
    content = f"<h1>Drafts</h1>{_form(store, asked)}{_sums(total, sums)}{table}"
    return frame("Drafts · easybill sandbox", content + _pages(asked, page, pages))


def _form(store: Store, asked: Asked) -> str:
    months = [
        row["month"]
        for row in store.rows(
            "SELECT DISTINCT substr(service_from, 1, 7) AS month FROM documents"
            " WHERE service_from IS NOT NULL ORDER BY month DESC"
        )
    ]
    options = "".join(
        f"<option{' selected' if month == asked.month else ''}>{text(month)}</option>"
        for month in months
    )
    return (
        '<form method="get" action="/"><label>Month <select name="month">'
        f'<option value="">all</option>{options}</select></label>'
        '<input type="search" name="customer" placeholder="Customer number or name"'
        f' value="{text(asked.search)}" size="28"><button>Show</button></form>'
    )


def _sums(total: int, sums: list[sqlite3.Row]) -> str:
    parts = [
        f'<div><span class="soft">Documents</span><b>{german.number(Decimal(total))}</b></div>'
    ]
    for row in sums:
        net, gross, currency = row["net"], row["gross"], row["currency"]
        parts += [
            f'<div><span class="soft">{name}</span>'
            f"<b>{text(german.money(cents, currency))}</b></div>"
            for name, cents in (("Net", net), ("VAT", gross - net), ("Gross", gross))
        ]
    return f'<div class="card sums">{"".join(parts)}</div>'


def _table(rows: list[sqlite3.Row], files: dict[int, list[tuple[int, str]]]) -> str:
    if not rows:
        return '<div class="card empty">No drafts here.</div>'
    body = "".join(_line(row, files[row["id"]]) for row in rows)
    return f'<div class="card scroll list"><table>{_HEAD}{body}</table></div>'


def _line(row: sqlite3.Row, files: list[tuple[int, str]]) -> str:
    currency = row["currency"]
    net, gross = row["amount_net"], row["amount"]
    link = f'<a href="/documents/{row["id"]}">{text(row["external_id"]) or row["id"]}</a>'
    period = text(german.period(row["service_from"], row["service_to"]))
    amounts = "".join(
        f'<td class="n">{text(german.money(cents, currency))}</td>'
        for cents in (net, gross - net, gross)
    )
    return (
        f'<tr><td class="keep">{text(row["customer_number"])}</td>'
        f"<td>{text(row['display_name'])}</td>"
        f'<td class="keep">{link}</td><td class="keep">{period}</td>'
        f'<td class="n">{row["positions"]}</td>{amounts}'
        f"<td>{_links(files)}</td><td>{state_tag(is_draft=bool(row['is_draft']))}</td></tr>"
    )


def _links(files: list[tuple[int, str]]) -> str:
    """Links as short as the kind of file: whole names would push the state off the screen."""
    return "<br>".join(
        f'<a href="/attachments/{file_id}" title="{text(name)}">'
        f"{text(name.rpartition('.')[2].upper())}</a>"
        for file_id, name in files
    )


def _files(store: Store, document_ids: list[int]) -> dict[int, list[tuple[int, str]]]:
    files: dict[int, list[tuple[int, str]]] = {document_id: [] for document_id in document_ids}
    marks = ",".join("?" * len(files))
    for row in store.rows(
        f"SELECT id, file_name, document_id FROM attachments WHERE document_id IN ({marks})",  # noqa: S608
        document_ids,
    ):
        files[row["document_id"]].append((row["id"], row["file_name"]))
    return files


def _pages(asked: Asked, page: int, pages: int) -> str:
    if pages == 1:
        return ""
    before = f'<a href="{asked.address(page - 1)}">← Newer</a>' if page > 1 else ""
    after = f'<a href="{asked.address(page + 1)}">Older →</a>' if page < pages else ""
    return f'<nav class="pages">{before}<span>Page {page} of {pages}</span>{after}</nav>'
