"""The REST API: what each address does."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from blocks.easybill.exact_json import Json, decode_object, encode
from blocks.easybill.sandbox.filters import (
    CUSTOMER_FILTERS,
    DOCUMENT_FILTERS,
    How,
    Selection,
    selection,
)
from blocks.easybill.sandbox.gate import refusal_response
from blocks.easybill.sandbox.refusal import Refused, invalid
from blocks.easybill.sandbox.requests import RecordedRequest
from blocks.easybill.sandbox.state import Sandbox
from blocks.easybill.sandbox.validation import (
    Violations,
    accepted_attachment,
    accepted_customer,
    accepted_document,
)

Endpoint = Callable[[HttpRequest], Awaitable[Response]]
_QUERIES = {
    "POST /customers": {"type"},
    "PUT /customers/{id}": {"type"},
    "PUT /documents/{id}": {"refresh_customer_data", "reason_for_change"},
    "PUT /documents/{id}/done": {"reason_for_change"},
}


def routes(sandbox: Sandbox) -> list[Route]:
    """All addresses of the API that the sandbox knows."""
    api = _Api(sandbox)
    listed = [
        ("GET", "/logins", api.list_logins),
        ("GET", "/logins/{id:int}", api.read_login),
        ("GET", "/customers", api.list_customers),
        ("POST", "/customers", api.create_customer),
        ("GET", "/customers/{id:int}", api.read_customer),
        ("PUT", "/customers/{id:int}", api.change_customer),
        ("DELETE", "/customers/{id:int}", api.delete_customer),
        ("GET", "/documents", api.list_documents),
        ("POST", "/documents", api.create_document),
        ("GET", "/documents/{id:int}", api.read_document),
        ("PUT", "/documents/{id:int}", api.change_document),
        ("DELETE", "/documents/{id:int}", api.delete_document),
        ("PUT", "/documents/{id:int}/done", api.finalise_document),
        ("GET", "/attachments", api.list_attachments),
        ("POST", "/attachments", api.create_attachment),
        ("GET", "/attachments/{id:int}", api.read_attachment),
        ("PUT", "/attachments/{id:int}", api.link_attachment),
        ("DELETE", "/attachments/{id:int}", api.delete_attachment),
        ("GET", "/attachments/{id:int}/content", api.read_content),
    ]
    return [Route(path, answering(act), methods=[method]) for method, path, act in listed]


def answering(act: Callable[[HttpRequest], Awaitable[Response]]) -> Endpoint:
    """Make an endpoint; a refusal is answered with easybill's error body."""

    async def answer(http: HttpRequest) -> Response:
        try:
            return await act(http)
        except Refused as refused:
            return refusal_response(refused)

    return answer


def json_response(body: object, status: int = 200) -> Response:
    """An answer with exact numbers."""
    return Response(encode(body), status, media_type="application/json")


class _Api:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def list_logins(self, http: HttpRequest) -> Response:
        wanted = _wanted(http, {})
        logins = [self._sandbox.login()]
        return _list(wanted, 1, logins if wanted.page == 1 else [])

    async def read_login(self, http: HttpRequest) -> Response:
        if _id(http) != self._sandbox.login_id:
            raise Refused(404, "Resource not found")
        return json_response(self._sandbox.login())

    async def list_customers(self, http: HttpRequest) -> Response:
        wanted = _wanted(http, CUSTOMER_FILTERS)
        return _list(wanted, *self._sandbox.customers.page(wanted))

    async def create_customer(self, http: HttpRequest) -> Response:
        body = await _sent(http)
        accepted = accepted_customer(body, _violations(http))
        return json_response(self._sandbox.customers.create(accepted), 201)

    async def read_customer(self, http: HttpRequest) -> Response:
        return json_response(self._sandbox.customers.read(_id(http)))

    async def change_customer(self, http: HttpRequest) -> Response:
        accepted = accepted_customer(await _sent(http), _violations(http))
        return json_response(self._sandbox.customers.change(_id(http), accepted))

    async def delete_customer(self, http: HttpRequest) -> Response:
        self._sandbox.customers.delete(_id(http))
        return Response(status_code=204)

    async def list_documents(self, http: HttpRequest) -> Response:
        wanted = _wanted(http, DOCUMENT_FILTERS)
        return _list(wanted, *self._sandbox.documents.page(wanted))

    async def create_document(self, http: HttpRequest) -> Response:
        accepted = accepted_document(await _sent(http), _violations(http))
        return json_response(self._sandbox.documents.create(accepted), 201)

    async def read_document(self, http: HttpRequest) -> Response:
        return json_response(self._sandbox.documents.read(_id(http)))

    async def change_document(self, http: HttpRequest) -> Response:
        accepted = accepted_document(await _sent(http), _violations(http))
        return json_response(self._sandbox.documents.change(_id(http), accepted))

    async def delete_document(self, http: HttpRequest) -> Response:
        self._sandbox.documents.delete(_id(http))
        return Response(status_code=204)

    async def finalise_document(self, http: HttpRequest) -> Response:
        _note_unknown_query(http)
        return json_response(self._sandbox.documents.finalise(_id(http)))

    async def list_attachments(self, http: HttpRequest) -> Response:
        wanted = _wanted(http, {})
        return _list(wanted, *self._sandbox.attachments.page(wanted))

    async def create_attachment(self, http: HttpRequest) -> Response:
        async with http.form() as form:
            file = form.get("file")
            if file is None or isinstance(file, str):
                raise invalid("A file is expected, as multipart/form-data", "file")
            _violations(http).extend(f"{name} is unknown" for name in form if name != "file")
            content = await file.read()
            created = self._sandbox.attachments.create(file.filename or "file", content)
        return json_response(created, 201)

    async def read_attachment(self, http: HttpRequest) -> Response:
        return json_response(self._sandbox.attachments.read(_id(http)))

    async def link_attachment(self, http: HttpRequest) -> Response:
        accepted = accepted_attachment(await _sent(http), _violations(http))
        return json_response(self._sandbox.attachments.link(_id(http), accepted))

    async def delete_attachment(self, http: HttpRequest) -> Response:
        self._sandbox.attachments.delete(_id(http))
        return Response(status_code=204)

    async def read_content(self, http: HttpRequest) -> Response:
        _, content = self._sandbox.attachments.content(_id(http))
        return Response(content, media_type="application/octet-stream")


def _id(http: HttpRequest) -> int:
    resource_id = int(http.path_params["id"])
    if resource_id >= 2**63:
        raise Refused(404, "Resource not found")
    return resource_id


def _request(http: HttpRequest) -> RecordedRequest:
    request: RecordedRequest = http.scope["state"]["request"]
    return request


def _violations(http: HttpRequest) -> Violations:
    return _request(http).violations


async def _sent(http: HttpRequest) -> Json:
    try:
        sent = decode_object(await http.body())
    except ValueError as broken:
        raise invalid(f"The body cannot be read: {broken}") from None
    _note_unknown_query(http)
    return sent


def _note_unknown_query(http: HttpRequest) -> None:
    request = _request(http)
    known = _QUERIES.get(request.route, set())
    unknown = (name for name, _ in request.query if name not in known)
    request.violations.extend(f"the query parameter {name} is unknown" for name in unknown)


def _wanted(http: HttpRequest, filters: Mapping[str, tuple[How, str]]) -> Selection:
    return selection(
        _request(http).query,
        filters,
        escaped_commas=http.headers.get("x-easybill-escape") == "true",
        violations=_violations(http),
    )


def _list(wanted: Selection, total: int, items: list[Json]) -> Response:
    return json_response(
        {
            "page": wanted.page,
            "pages": -(-total // wanted.limit),
            "limit": wanted.limit,
            "total": total,
            "items": items,
        }
    )
