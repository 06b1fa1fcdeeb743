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

    async def show_list(http: HttpRequest) -> Response:
        values = values_of_list(sandbox.store, ListQuery.read(http.query_params))
        return HTMLResponse(render("list", **values), headers=_HEADERS)

    async def show_document(http: HttpRequest) -> Response:
        try:
            document = sandbox.documents.read(int(http.path_params["id"]))
        except Refused:
            return _missing()
        return HTMLResponse(render("document", **_shown(sandbox, document)), headers=_HEADERS)

    async def show_file(http: HttpRequest) -> Response:
        try:
            name, content = sandbox.attachments.content(int(http.path_params["id"]))
        except Refused:
            return _missing()
        named = {"Content-Disposition": f"inline; filename*=UTF-8''{quote(name, safe='')}"}
        return Response(content, media_type="text/plain", headers={**_HEADERS, **named})

    return [
        Route("/", show_list),
        Route("/documents/{id:int}", show_document),
        Route("/attachments/{id:int}", show_file),
    ]


def _shown(sandbox: Sandbox, document: Json) -> Json:
    """What the document's template shows."""
    customers, customer_id = sandbox.customers, document["customer_id"]
    is_known = customer_id is not None and customers.has_id(customer_id)
    is_taxed, from_gross = totals.is_taxed(document["vat_option"]), document["calc_vat_from"] == 1
    return {
        "document": document,
        "customer": customers.read(customer_id) if is_known else None,
        "is_taxed": is_taxed,
        "rates": totals.per_rate(document["items"], from_gross=from_gross, taxed=is_taxed),
        "files": sandbox.store.rows(
            "SELECT id, file_name, size FROM attachments WHERE document_id = ? ORDER BY id",
            (document["id"],),
        ),
    }


def _missing() -> Response:
    return HTMLResponse(render("missing"), 404, headers=_HEADERS)
