"""Addresses for tests and demos alone, without a key: `/_sandbox/…`."""

from pydantic import BaseModel, ConfigDict, Field, RootModel
from starlette.routing import Route

from blocks.easybill.sandbox.calls import Call, routes_of
from blocks.easybill.sandbox.documents import WhenFinalised
from blocks.easybill.sandbox.faults import Fault
from blocks.easybill.sandbox.filters import Selection
from blocks.easybill.sandbox.state import Sandbox

_ALL_DRAFTS = Selection(("is_draft = ?",), (1,), page=1, limit=10**9)


class _Keep(BaseModel):
    model_config = ConfigDict(extra="forbid")
    keep: int = Field(ge=0)


class _Stamp(BaseModel):
    model_config = ConfigDict(extra="forbid")
    edited_at: str = Field(pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")


_Faults = RootModel[list[Fault]]


def routes(sandbox: Sandbox) -> list[Route]:
    """All addresses for tests and demos."""
    requests, documents, faults = sandbox.requests, sandbox.documents, sandbox.faults

    def counts(_: Call) -> object:
        return {"by_route": requests.by_route, "by_status": requests.by_status}

    def plant(call: Call) -> object:
        planted = call.read(_Faults)
        faults.extend(planted.root)
        return planted.model_dump()

    def rule(call: Call) -> object:
        documents.when_finalised = call.read(WhenFinalised)
        return documents.when_finalised.model_dump()

    return routes_of(
        ("GET", "/requests", lambda _: [request.shown() for request in requests.latest]),
        ("PUT", "/requests", lambda call: requests.keep(call.read(_Keep).keep)),
        ("DELETE", "/requests", lambda _: requests.reset()),
        ("GET", "/counts", counts),
        ("GET", "/drafts", lambda _: documents.page(_ALL_DRAFTS)[1]),
        ("GET", "/faults", lambda _: _Faults(faults).model_dump()),
        ("POST", "/faults", plant),
        ("DELETE", "/faults", lambda _: faults.clear()),
        ("PUT", "/finalised", rule),
        ("PUT", "/documents/{id:int}/lock", lambda call: documents.lock(call.id, held=True)),
        ("DELETE", "/documents/{id:int}/lock", lambda call: documents.lock(call.id, held=False)),
        (
            "PATCH",
            "/documents/{id:int}",
            lambda call: documents.stamp(call.id, call.read(_Stamp).edited_at),
        ),
    )
