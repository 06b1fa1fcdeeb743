"""The part of easybill's API that invoicing needs; nothing here finalises or sends a document."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Self, TypeVar
from urllib.parse import urlencode

import httpx
from pydantic import BaseModel, SecretStr

from blocks.easybill.calls import ApiCall, OnCall
from blocks.easybill.customer_query import customer_requests
from blocks.easybill.errors import Unavailable
from blocks.easybill.exact_json import decode, encode_body
from blocks.easybill.limiter import RequestLimiter
from blocks.easybill.models import Attachment, Customer, Document, Login, Page
from blocks.easybill.transport import TIMEOUTS, BeforeSend, Request, Transport

__all__ = ["DEFAULT_BASE_URL", "ApiCall", "EasybillClient", "OnCall"]

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
Entry = TypeVar("Entry", bound=Login | Customer | Document | Attachment)

DEFAULT_BASE_URL = "https://api.easybill.de/rest/v1"
_PAGE_SIZE = 1000
_TRIES_TO_LIST = 3
# A million entries; an answer that claims more is wrong.
_MOST_PAGES = 1000
_FAR_FUTURE = date(2999, 12, 31)


class EasybillClient:
    """Calls easybill with one account's key; thread safe.

    Each method makes one attempt per request (a list takes one per page) and raises
    EasybillError: whether to repeat is the caller's decision.
    """

    def __init__(
        self,
        api_key: SecretStr,
        base_url: str = DEFAULT_BASE_URL,
        *,
        limiter: RequestLimiter,
        on_call: OnCall | None = None,
        timeouts: httpx.Timeout = TIMEOUTS,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._transport = Transport(api_key, base_url, limiter, timeouts, transport)
        self._on_call = on_call
        self._before_send: BeforeSend | None = None
        self._while_waiting: BeforeSend | None = None

    def __repr__(self) -> str:
        return f"EasybillClient({self._transport.base_url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, which clients from `reporting_to` use too."""
        self._transport.close()

    def reporting_to(
        self,
        on_call: OnCall,
        *,
        before_send: BeforeSend | None = None,
        while_waiting: BeforeSend | None = None,
    ) -> "EasybillClient":
        """Return the same client (connections, limiter) with another observer of its calls.

        `before_send` is called right before a request is sent, after the wait for its turn, which
        may take minutes; if it raises (NotSent, for example), the request is not sent.
        `while_waiting` is called every second of that wait, and ends it in the same way.
        """
        sibling = EasybillClient.__new__(EasybillClient)
        sibling._transport = self._transport  # noqa: SLF001 - another object of this class
        sibling._on_call = on_call  # noqa: SLF001 - another object of this class
        sibling._before_send = before_send  # noqa: SLF001 - another object of this class
        sibling._while_waiting = while_waiting  # noqa: SLF001 - another object of this class
        return sibling

    def list_logins(self) -> list[Login]:
        """List the people who may use the account."""
        return self._list(Request("GET", "/logins"), Login)

    def find_customers(self, numbers: Iterable[str]) -> dict[str, list[Customer]]:
        """Find customers by number, which several may have; a number nobody has is left out."""
        wanted = frozenset(numbers)
        found: defaultdict[str, dict[int, Customer]] = defaultdict(dict)
        for request in customer_requests(sorted(wanted), self._transport.base_path):
            for customer in self._list(request, Customer):
                # Databases often compare text loosely, "k1" with "K1".
                if customer.number in wanted:
                    found[customer.number][customer.id] = customer
        return {number: list(by_id.values()) for number, by_id in found.items()}

    def create_customer(self, body: Mapping[str, object]) -> Customer:
        """Create a customer, whether or not there is one with that number."""
        return self._send(Request("POST", "/customers", content=encode_body(body)), Customer)

    def create_draft(self, document: Mapping[str, object]) -> Document:
        """Create a document, which easybill always makes a draft."""
        return self._send(Request("POST", "/documents", content=encode_body(document)), Document)

    def read_document(self, document_id: int) -> Document:
        """Read the document as it is now."""
        return self._send(Request("GET", f"/documents/{document_id}"), Document)

    def list_documents(self, *, edited_from: date) -> list[Document]:
        """List the invoices edited since that day (Europe/Berlin), drafts among them."""
        # easybill wants a last day too; today would leave out what its clock dates later.
        query = {"type": "INVOICE", "edited_at": f"{edited_from},{_FAR_FUTURE}"}
        return self._list(Request("GET", "/documents", urlencode(query, safe=",")), Document)

    def update_draft(self, document_id: int, document: Mapping[str, object]) -> Document:
        """Overwrite the document's fields."""
        return self._send(
            Request("PUT", f"/documents/{document_id}", content=encode_body(document)), Document
        )

    def delete_draft(self, document_id: int) -> None:
        """Delete the document; NotFound where it is gone already."""
        self._delete(f"/documents/{document_id}")

    def upload_attachment(self, file_name: str, content: bytes) -> Attachment:
        """Upload a CSV file, linked to nothing yet."""
        return self._send(Request("POST", "/attachments", file=(file_name, content)), Attachment)

    def link_attachment(self, attachment_id: int, document_id: int) -> Attachment:
        """Link an uploaded file to a document."""
        body = encode_body({"document_id": document_id})
        return self._send(Request("PUT", f"/attachments/{attachment_id}", content=body), Attachment)

    def list_attachments(self) -> list[Attachment]:
        """List every uploaded file of the account."""
        return self._list(Request("GET", "/attachments"), Attachment)

    def delete_attachment(self, attachment_id: int) -> None:
        """Delete an uploaded file; NotFound where it is gone already."""
        self._delete(f"/attachments/{attachment_id}")

    def _delete(self, path: str) -> None:
        self._transported(Request("DELETE", path), lambda _: None)

    def _send(self, request: Request, model: type[M]) -> M:
        return self._transported(request, lambda content: model.model_validate(decode(content)))

    def _transported(self, request: Request, parse: Callable[[bytes], T]) -> T:
        return self._transport.send(
            request, parse, self._on_call, self._before_send, self._while_waiting
        )

    def _list(self, request: Request, model: type[Entry]) -> list[Entry]:
        """Fetch all pages; again if the list changed during that, which may hide an entry.

        From the last page to the first: when an entry is deleted, later ones move to pages that
        are still to be read.
        """
        for _ in range(_TRIES_TO_LIST):
            first = self._page(request, model, 1)
            if first.pages > _MOST_PAGES:
                raise Unavailable(f"GET {request.path} has {first.pages} pages: too many to read.")
            if first.pages <= 1:
                return list(first.items)
            pages = [self._page(request, model, number) for number in range(first.pages, 0, -1)]
            found = {entry.id: entry for page in reversed(pages) for entry in page.items}
            if {page.total for page in pages} == {first.total} == {len(found)}:
                return list(found.values())
        raise Unavailable(f"GET {request.path} gave another list at each reading; try again.")

    def _page(self, request: Request, model: type[M], number: int) -> Page[M]:
        def parse(content: bytes) -> Page[M]:
            page = Page[model].model_validate(decode(content))  # type: ignore[valid-type]
            if page.items and page.page != number:
                raise ValueError(f"page {page.page} came for page {number}")
            return page

        query = f"{request.query}&" if request.query else ""
        query += f"limit={_PAGE_SIZE}&page={number}"
        return self._transported(replace(request, query=query), parse)
