"""The sandbox as one ASGI application: API, pages, addresses for tests and demos."""

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Mount, Router
from starlette.types import Receive, Scope, Send

from blocks.easybill.sandbox import api, control, page_acts, pages
from blocks.easybill.sandbox.gate import BASE_PATH, Gate, refusal_response, unguarded
from blocks.easybill.sandbox.refusal import Refused, not_found
from blocks.easybill.sandbox.state import Sandbox


def create_app(sandbox: Sandbox) -> Starlette:
    """The application that serves this sandbox."""
    resources = Router(api.routes(sandbox), redirect_slashes=False, default=_no_resource)
    return Starlette(
        routes=[
            Mount(BASE_PATH, app=Gate(resources, sandbox)),
            Mount("/_sandbox/as-accountant", app=unguarded(resources)),
            Mount("/_sandbox", routes=control.routes(sandbox)),
            *pages.routes(sandbox),
            *page_acts.routes(sandbox),
        ],
        exception_handlers={404: _elsewhere, 405: _elsewhere},
    )


async def _no_resource(scope: Scope, receive: Receive, send: Send) -> None:
    await refusal_response(not_found())(scope, receive, send)


async def _elsewhere(http: HttpRequest, _: Exception) -> Response:
    base_url = f"{http.url.scheme}://{http.url.netloc}{BASE_PATH}"
    hint = f"There is nothing at {http.url.path}. The API's base URL here is {base_url}"
    return refusal_response(Refused(404, hint))
