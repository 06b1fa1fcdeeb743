"""A call as an address of the sandbox sees it, and how what it comes to is answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import isawaitable
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from blocks.easybill.exact_json import Json, decode_object, encode
from blocks.easybill.sandbox.filters import How, Selection, selection
from blocks.easybill.sandbox.gate import refusal_response
from blocks.easybill.sandbox.refusal import Refused, invalid, not_found
from blocks.easybill.sandbox.requests import RecordedRequest
from blocks.easybill.sandbox.validation import Violations

Shape = TypeVar("Shape", bound=BaseModel)
_LONGEST_REASON = 255
_QUERIES = {
    "POST /customers": {"type"},
    "PUT /customers/{id}": {"type"},
    "PUT /documents/{id}": {"refresh_customer_data", "reason_for_change"},
    "PUT /documents/{id}/done": {"reason_for_change"},
}


@dataclass(frozen=True, slots=True)
class Call:
    """A request and its body."""

    http: HttpRequest
    body: bytes

    @property
    def id(self) -> int:
        """The id in the path. Raises Refused (404) for one that nothing can have."""
        return self.id_of("id")

    def id_of(self, name: str) -> int:
        """The id of this name in the path. Raises Refused (404) for one that nothing can have."""
        resource_id = int(self.http.path_params[name])
        if resource_id >= 2**63:
            raise not_found()
        return resource_id

    @property
    def reason_for_change(self) -> str:
        """Why a finalised document is changed; empty where nobody says it. Raises Refused."""
        reason = self.http.query_params.get("reason_for_change")
        if reason is not None and not 1 <= len(reason) <= _LONGEST_REASON:
            raise invalid(f"A reason has 1 to {_LONGEST_REASON} characters", "reason_for_change")
        return reason or ""

    @property
    def violations(self) -> Violations:
        """What easybill ignores in the request."""
        return self._recorded.violations

    @property
    def _recorded(self) -> RecordedRequest:
        recorded: RecordedRequest = self.http.scope["state"]["request"]
        return recorded

    def note_unknown_query(self) -> None:
        """Note the query parameters that easybill ignores."""
        known = _QUERIES.get(self._recorded.route, set())
        unknown = (name for name, _ in self._recorded.query if name not in known)
        self.violations.extend(f"the query parameter {name} is unknown" for name in unknown)

    def sent(self, accepted: Callable[[Json, Violations], Json]) -> Json:
        """What easybill accepts of the body. Raises Refused."""
        try:
            sent = decode_object(self.body)
        except ValueError as broken:
            raise invalid(f"The body cannot be read: {broken}") from None
        self.note_unknown_query()
        return accepted(sent, self.violations)

    def read(self, shape: type[Shape]) -> Shape:
        """The body in this shape. Raises Refused."""
        try:
            return shape.model_validate_json(self.body)
        except ValidationError as wrong:
            raise invalid(str(wrong)) from None

    def listed(
        self,
        page: Callable[[Selection], tuple[int, list[Json]]],
        filters: Mapping[str, tuple[How, str]],
    ) -> Json:
        """The page of a list that the query asks for. Raises Refused."""
        wanted = selection(
            self._recorded.query,
            filters,
            escaped_commas=self.http.headers.get("x-easybill-escape") == "true",
            violations=self.violations,
        )
        total, items = page(wanted)
        return {
            "page": wanted.page,
            "pages": -(-total // wanted.limit),
            "limit": wanted.limit,
            "total": total,
            "items": items,
        }


def routes_of(*listed: tuple[str, str, Callable[[Call], object]]) -> list[Route]:
    """Routes by method and path. What an act comes to is the answer; None: there is no content."""
    return [Route(path, _answering(act), methods=[method]) for method, path, act in listed]


def _answering(act: Callable[[Call], object]) -> Callable[[HttpRequest], object]:
    async def answer(http: HttpRequest) -> Response:
        try:
            found = act(Call(http, await http.body()))
            if isawaitable(found):
                found = await found
        except Refused as refused:
            return refusal_response(refused)
        if found is None:
            return Response(status_code=204)
        if isinstance(found, bytes):
            return Response(found, media_type="application/octet-stream")
        # What is done with something that is there creates nothing of its own address.
        creates = http.method == "POST" and not http.path_params
        status = 201 if creates else 200
        return Response(encode(found), status, media_type="application/json")

    return answer
