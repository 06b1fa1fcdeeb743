"""What easybill answers to a request of the client, as the client's own values."""

from collections.abc import Sequence
from urllib.parse import parse_qs

from blocks.easybill.exact_json import decode_object
from blocks.easybill.models import Customer, Document
from blocks.easybill.transport import Request
from tests.simulation.easybill import LOGIN, Refused, SimEasybill

Body = dict[str, object]


def answer(easybill: SimEasybill, request: Request) -> object:
    """One value, or all entries of a list. Raises Refused."""
    resource, number = _address(request.path)
    match request.method, resource:
        case "GET", "logins":
            return [LOGIN]
        case _, "customers":
            return _customers(easybill, request)
        case "GET", "documents" if number is None:
            return _listed(easybill, request)
        case _, "documents":
            return _document(easybill, request, number)
        case _, "attachments":
            return _attachment(easybill, request, number)
    raise Refused(404, "Resource not found")


def _customers(easybill: SimEasybill, request: Request) -> Customer | list[Customer]:
    if request.method == "POST":
        return easybill.create_customer(_body(request))
    numbers = _query(request)["number"][0].split(",")
    return [customer for customer in easybill.customers.values() if customer.number in numbers]


def _listed(easybill: SimEasybill, request: Request) -> Sequence[Document]:
    query = _query(request)
    first, last = query["edited_at"][0].split(",")
    wanted = query.get("is_draft", ["0", "1"])
    return [
        document
        for document in easybill.list_documents(first, last)
        if str(int(document.is_draft)) in wanted
    ]


def _document(easybill: SimEasybill, request: Request, number: int | None) -> object:
    if number is None:
        return easybill.create_document(_body(request))
    if request.method == "PUT":
        return easybill.update_document(number, _body(request))
    if request.method == "DELETE":
        easybill.delete_document(number)
        return None
    return easybill.read_document(number)


def _attachment(easybill: SimEasybill, request: Request, number: int | None) -> object:
    if request.file is not None:
        return easybill.create_attachment(*request.file)
    if number is None:
        return [attachment.view() for attachment in easybill.attachments.values()]
    if request.method == "DELETE":
        easybill.delete_attachment(number)
        return None
    return easybill.hang_attachment(number, int(str(_body(request)["document_id"])))


def _address(path: str) -> tuple[str, int | None]:
    _, resource, *rest = path.split("/")
    return resource, int(rest[0]) if rest else None


def _query(request: Request) -> dict[str, list[str]]:
    return parse_qs(request.query)


def _body(request: Request) -> Body:
    return decode_object(request.content or b"")
