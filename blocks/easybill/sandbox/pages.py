"""The pages' addresses: the list at `/`, one document, one attached file."""

from urllib.parse import quote

from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from blocks.easybill.sandbox.exact_json import as_int
from blocks.easybill.sandbox.page_document import document_page
from blocks.easybill.sandbox.page_frame import frame
from blocks.easybill.sandbox.page_list import Asked, list_page
from blocks.easybill.sandbox.refusal import Refused
from blocks.easybill.sandbox.state import Sandbox

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
        page = list_page(self._sandbox.store, Asked.read(http.query_params))
        return HTMLResponse(page, headers=_HEADERS)

    async def show_document(self, http: HttpRequest) -> Response:
        try:
            document = self._sandbox.documents.read(int(http.path_params["id"]))
        except Refused:
            return _missing()
        customer_id = document["customer_id"]
        customers = self._sandbox.customers
        known = isinstance(customer_id, int) and customers.has_id(customer_id)
        customer = customers.read(as_int(customer_id)) if known else None
        rows = self._sandbox.store.rows(
            "SELECT id, file_name, size FROM attachments WHERE document_id = ? ORDER BY id",
            (document["id"],),
        )
        page = document_page(document, customer, [tuple(row) for row in rows])
        return HTMLResponse(page, headers=_HEADERS)

    async def show_file(self, http: HttpRequest) -> Response:
        try:
            name, content = self._sandbox.attachments.content(int(http.path_params["id"]))
        except Refused:
            return _missing()
        named = {"Content-Disposition": f"inline; filename*=UTF-8''{quote(name, safe='')}"}
        return Response(content, media_type="text/plain", headers={**_HEADERS, **named})


def _missing() -> Response:
    page = frame("Not there", '<div class="card empty">There is nothing at this address.</div>')
    return HTMLResponse(page, 404, headers=_HEADERS)
