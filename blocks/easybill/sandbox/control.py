"""Addresses for tests and demos alone, without a key: `/_sandbox/…`."""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from blocks.easybill.sandbox.api import answering, json_response
from blocks.easybill.sandbox.faults import Fault
from blocks.easybill.sandbox.filters import Selection
from blocks.easybill.sandbox.refusal import invalid
from blocks.easybill.sandbox.state import Sandbox

_Body = TypeVar("_Body", bound=BaseModel)
_FAULTS = TypeAdapter(list[Fault])
_ALL_DRAFTS = Selection(("is_draft = ?",), (1,), page=1, limit=10**9)


class _Keep(BaseModel):
    model_config = ConfigDict(extra="forbid")
    keep: int = Field(ge=0)


class _Stamp(BaseModel):
    model_config = ConfigDict(extra="forbid")
    edited_at: str = Field(pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")


def routes(sandbox: Sandbox) -> list[Route]:
    """All addresses for tests and demos."""
    control = _Control(sandbox)
    listed = [
        ("GET", "/requests", control.list_requests),
        ("PUT", "/requests", control.keep_requests),
        ("DELETE", "/requests", control.reset_requests),
        ("GET", "/counts", control.counts),
        ("GET", "/drafts", control.list_drafts),
        ("GET", "/faults", control.list_faults),
        ("POST", "/faults", control.plant_faults),
        ("DELETE", "/faults", control.remove_faults),
        ("PUT", "/documents/{id:int}/lock", control.lock),
        ("DELETE", "/documents/{id:int}/lock", control.unlock),
        ("PATCH", "/documents/{id:int}", control.stamp),
    ]
    return [Route(path, answering(act), methods=[method]) for method, path, act in listed]


class _Control:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def list_requests(self, _: HttpRequest) -> Response:
        return json_response([request.shown() for request in self._sandbox.requests.latest])

    async def keep_requests(self, http: HttpRequest) -> Response:
        self._sandbox.requests.keep((await _read(http, _Keep)).keep)
        return Response(status_code=204)

    async def reset_requests(self, _: HttpRequest) -> Response:
        self._sandbox.requests.reset()
        return Response(status_code=204)

    async def counts(self, _: HttpRequest) -> Response:
        requests = self._sandbox.requests
        return json_response({"by_route": requests.by_route, "by_status": requests.by_status})

    async def list_drafts(self, _: HttpRequest) -> Response:
        return json_response(self._sandbox.documents.page(_ALL_DRAFTS)[1])

    async def list_faults(self, _: HttpRequest) -> Response:
        return json_response(_FAULTS.dump_python(self._sandbox.faults.planted))

    async def plant_faults(self, http: HttpRequest) -> Response:
        try:
            planted = _FAULTS.validate_json(await http.body())
        except ValidationError as wrong:
            raise invalid(str(wrong)) from None
        self._sandbox.faults.planted += planted
        return json_response(_FAULTS.dump_python(planted), 201)

    async def remove_faults(self, _: HttpRequest) -> Response:
        self._sandbox.faults.planted.clear()
        return Response(status_code=204)

    async def lock(self, http: HttpRequest) -> Response:
        self._sandbox.documents.lock(int(http.path_params["id"]), held=True)
        return Response(status_code=204)

    async def unlock(self, http: HttpRequest) -> Response:
        self._sandbox.documents.lock(int(http.path_params["id"]), held=False)
        return Response(status_code=204)

    async def stamp(self, http: HttpRequest) -> Response:
        edited_at = (await _read(http, _Stamp)).edited_at
        return json_response(self._sandbox.documents.stamp(int(http.path_params["id"]), edited_at))


async def _read(http: HttpRequest, shape: type[_Body]) -> _Body:
    try:
        return shape.model_validate_json(await http.body())
    except ValidationError as wrong:
        raise invalid(str(wrong)) from None
