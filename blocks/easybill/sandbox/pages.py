"""The pages' addresses: the list at `/`, one document, one attached file."""

from urllib.parse import quote

from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from blocks.easybill.exact_json import Json
from blocks.easybill.sandbox import totals
from blocks.easybill.sandbox.page_list import ListQuery, values_of_list
from blocks.easybill.sandbox.refusal import Refused
from blocks.easybill.sandbox.state import Sandbox
from blocks.easybill.sandbox.templates import render

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def routes(sandbox: Sandbox) -> list[Route]:
    """All pages."""
    pages = _Pages(sandbox)
    return [
        Route("/", pages.show_list),
        Route("/documents/{id:int}", pages.show_document),
        Route("/attachments/{id:int}", pages.show_file),
    ]


class _Pages:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def show_list(self, http: HttpRequest) -> Response:
        values = values_of_list(self._sandbox.store, ListQuery.read(http.query_params))
        return HTMLResponse(render("list", **values), headers=_HEADERS)

    async def show_document(self, http: HttpRequest) -> Response:
        try:
            document = self._sandbox.documents.read(int(http.path_params["id"]))
        except Refused:
            return _missing()
        is_taxed = totals.is_taxed(document["vat_option"])
        page = render(
            "document",
            document=document,
            customer=self._customer(document["customer_id"]),
            is_taxed=is_taxed,
            rates=totals.per_rate(
                document["items"],
                from_gross=document["calc_vat_from"] == 1,
                taxed=is_taxed,
            ),
            files=self._sandbox.store.rows(
                "SELECT id, file_name, size FROM attachments WHERE document_id = ? ORDER BY id",
                (document["id"],),
            ),
        )
        return HTMLResponse(page, headers=_HEADERS)

    def _customer(self, customer_id: object) -> Json | None:
        customers = self._sandbox.customers
        if isinstance(customer_id, int) and customers.has_id(customer_id):
            return customers.read(customer_id)
        return None

    async def show_file(self, http: HttpRequest) -> Response:
        try:
            name, content = self._sandbox.attachments.content(int(http.path_params["id"]))
        except Refused:
            return _missing()
        named = {"Content-Disposition": f"inline; filename*=UTF-8''{quote(name, safe='')}"}
        return Response(content, media_type="text/plain", headers={**_HEADERS, **named})


def _missing() -> Response:
    return HTMLResponse(render("missing"), 404, headers=_HEADERS)
