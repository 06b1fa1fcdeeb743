"""What easybill answers to a request of the client, as the client's own values."""

from collections.abc import Sequence
from urllib.parse import parse_qs

from blocks.easybill.exact_json import decode_object, encode
from blocks.easybill.models import Customer, Document
from blocks.easybill.transport import Request
from tests.simulation.easybill import (
    LOGIN,
    Refused,
    SimEasybill,
    customer_of,
    customer_of_file,
)

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
    if "paid_at" in query:
        # Nobody pays in a story.
        return []
    first, last = query.get("edited_at", ["0,9"])[0].split(",")
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
    if request.path.endswith("/content"):
        return easybill.read_attachment(number)
    return easybill.hang_attachment(number, int(str(_body(request)["document_id"])))


def _address(path: str) -> tuple[str, int | None]:
    _, resource, *rest = path.split("/")
    return resource, int(rest[0]) if rest else None


def _query(request: Request) -> dict[str, list[str]]:
    return parse_qs(request.query)


def _body(request: Request) -> Body:
    return decode_object(request.content or b"")


def page_of(easybill: SimEasybill, request: Request, size: int) -> bytes:
    """A page of all documents, those of others among them, as easybill writes it."""
    query = _query(request)
    ours = [document.model_dump() for document in _listed(easybill, request)]
    others = easybill.others.values() if "1" in query.get("is_draft", ["1"]) else ()
    found = sorted([*ours, *others], key=lambda entry: int(str(entry["id"])))
    number = int(query["page"][0])
    shown = found[(number - 1) * size : number * size]
    pages = max(-(-len(found) // size), 1)
    return encode(
        {"page": number, "pages": pages, "limit": size, "total": len(found), "items": shown}
    )


def whose(easybill: SimEasybill, request: Request) -> str | None:
    """The customer number of whom a write is about."""
    resource, number = _address(request.path)
    if number is not None:
        return easybill.whose(resource, number)
    if request.file is not None:
        return customer_of_file(request.file[0])
    if request.method == "POST" and resource == "documents":
        return customer_of(str(_body(request).get("external_id")))
    return None
