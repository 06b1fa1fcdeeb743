"""The part of easybill's API that invoicing needs; nothing here finalises or sends a document."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Self, TypeVar
from urllib.parse import urlencode

import httpx
from pydantic import BaseModel, SecretStr

from blocks.easybill.answers import KEY_FROM_ENVIRONMENT
from blocks.easybill.calls import ApiCall, OnCall
from blocks.easybill.customer_query import customer_requests
from blocks.easybill.exact_json import decode, decode_page, encode_body
from blocks.easybill.limiter import RequestLimiter
from blocks.easybill.listing import Entry, overlapping_pages, whole_list
from blocks.easybill.models import (
    Attachment,
    Customer,
    Document,
    Login,
    Page,
    PageOfAttachments,
    PageOfBareDocuments,
    PageOfCustomers,
    PageOfDocuments,
    PageOfLogins,
    UnreadableEntry,
)
from blocks.easybill.touched import Touched
from blocks.easybill.transport import ATTEMPT_SECONDS, BeforeSend, Request, Transport

__all__ = ["DEFAULT_BASE_URL", "ApiCall", "EasybillClient", "OnCall"]

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)

DEFAULT_BASE_URL = "https://api.easybill.de/rest/v1"
_PAGE_SIZE = 1000
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
        attempt_seconds: float = ATTEMPT_SECONDS,
        transport: httpx.BaseTransport | None = None,
        key_from: str = KEY_FROM_ENVIRONMENT,
    ) -> None:
        self._transport = Transport(
            api_key, base_url, limiter, attempt_seconds, transport, key_from
        )
        self._on_call = on_call
        self._before_send: BeforeSend | None = None
        self._while_waiting: BeforeSend | None = None
        self._turns = 0

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
        sibling = copy(self)
        sibling._on_call = on_call  # noqa: SLF001 - another object of this class
        sibling._before_send = before_send  # noqa: SLF001 - another object of this class
        sibling._while_waiting = while_waiting  # noqa: SLF001 - another object of this class
        return sibling

    def with_turns(self, requests: int) -> Self:
        """Wait for the turns of these requests; the client returned sends them without a wait.

        For what must not change between a look, or a note in the ledger, and the request. It is
        for one thread; further requests wait for their own turns.
        """
        self._transport.limiter.acquire(self._while_waiting, requests=requests)
        sibling = copy(self)
        sibling._turns = requests  # noqa: SLF001 - another object of this class
        return sibling

    def list_logins(self) -> list[Login]:
        """List the people who may use the account."""
        return self._list(Request("GET", "/logins"), PageOfLogins)

    def find_customers(self, numbers: Iterable[str]) -> dict[str, list[Customer | UnreadableEntry]]:
        """Find customers by number, which several may have; a number nobody has is left out."""
        wanted = frozenset(numbers)
        found: defaultdict[str, dict[int | None, Customer | UnreadableEntry]] = defaultdict(dict)
        for request in customer_requests(sorted(wanted), self._transport.base_path):
            for customer in self._list(request, PageOfCustomers):
                # Databases often compare text loosely, "k1" with "K1".
                if customer.number in wanted:
                    found[customer.number][customer.id] = customer
        return {number: list(by_id.values()) for number, by_id in found.items()}

    def read_customer(self, customer_id: int) -> Customer:
        """Read the customer by easybill's own id. Raises NotFound."""
        return self._send(Request("GET", f"/customers/{customer_id}"), Customer)

    def create_customer(self, body: Mapping[str, object]) -> Customer:
        """Create a customer, whether or not there is one with that number."""
        return self._send(Request("POST", "/customers", content=encode_body(body)), Customer)

    def create_draft(self, document: Mapping[str, object]) -> Document:
        """Create a document, which easybill always makes a draft."""
        return self._send(Request("POST", "/documents", content=encode_body(document)), Document)

    def read_document(self, document_id: int) -> Document:
        """Read the document as it is now."""
        return self._send(Request("GET", f"/documents/{document_id}"), Document)

    def list_documents(
        self, *, edited_from: date, positions: bool = True
    ) -> Sequence[Document | UnreadableEntry]:
        """List the invoices edited since that day (Europe/Berlin), drafts among them.

        Without their `positions` they take a small part of the memory.
        """
        # easybill wants a last day too; today would leave out what its clock dates later.
        query = {"type": "INVOICE", "edited_at": f"{edited_from},{_FAR_FUTURE}"}
        request = Request("GET", "/documents", urlencode(query, safe=","))
        if positions:
            return self._list(request, PageOfDocuments)
        return self._list(request, PageOfBareDocuments)

    def list_open_drafts(self) -> list[Document | UnreadableEntry]:
        """List the invoices that nobody has finalised, whoever made them; each page once."""
        return self._documents(type="INVOICE", is_draft="1")

    def list_edited(self, edited_from: date) -> list[Document | UnreadableEntry]:
        """List the invoices, drafts and Stornos edited since that day; each page once."""
        return self._documents(type="INVOICE,STORNO", edited_at=f"{edited_from},{_FAR_FUTURE}")

    def list_paid(self, paid_from: date) -> list[Document | UnreadableEntry]:
        """List the invoices paid since that day; each page once."""
        return self._documents(type="INVOICE", paid_at=f"{paid_from},{_FAR_FUTURE}")

    def update_draft(self, document_id: int, document: Mapping[str, object]) -> Document:
        """Overwrite the document's fields."""
        return self._send(
            Request("PUT", f"/documents/{document_id}", content=encode_body(document)), Document
        )

    def delete_draft(self, document_id: int) -> None:
        """Delete the document; NotFound where it is gone already."""
        self._delete(f"/documents/{document_id}")

    def update_untouched(
        self,
        document_id: int,
        document: Mapping[str, object],
        is_untouched: Callable[[Document], bool],
    ) -> Document:
        """Overwrite the document's fields if it is untouched when it is looked at right before.

        NotFound where it is gone; Touched, with the document, where it is not untouched: nothing
        was written then. Nothing keeps a person from editing or finalising it between the two
        requests: see what the answer says.
        """
        return self._after_a_look(document_id, is_untouched).update_draft(document_id, document)

    def delete_untouched(self, document_id: int, is_untouched: Callable[[Document], bool]) -> None:
        """Delete the document if it is untouched; otherwise as `update_untouched`."""
        self._after_a_look(document_id, is_untouched).delete_draft(document_id)

    def upload_attachment(self, file_name: str, content: bytes) -> Attachment:
        """Upload a CSV file, linked to nothing yet."""
        return self._send(Request("POST", "/attachments", file=(file_name, content)), Attachment)

    def link_attachment(self, attachment_id: int, document_id: int) -> Attachment:
        """Link an uploaded file to a document."""
        body = encode_body({"document_id": document_id})
        return self._send(Request("PUT", f"/attachments/{attachment_id}", content=body), Attachment)

    def list_attachments(self) -> list[Attachment | UnreadableEntry]:
        """List every uploaded file of the account."""
        return self._list(Request("GET", "/attachments"), PageOfAttachments)

    def read_attachment(self, attachment_id: int) -> bytes:
        """Read an uploaded file back."""
        path = f"/attachments/{attachment_id}/content"
        return self._transported(Request("GET", path), lambda content: content)

    def delete_attachment(self, attachment_id: int) -> None:
        """Delete an uploaded file; NotFound where it is gone already."""
        self._delete(f"/attachments/{attachment_id}")

    def _after_a_look(
        self, document_id: int, is_untouched: Callable[[Document], bool]
    ) -> "EasybillClient":
        """Return a client whose next request is sent without a wait, for an untouched document."""
        client = self.with_turns(2)
        document = client.read_document(document_id)
        if not is_untouched(document):
            raise Touched(document)
        return client

    def _take_turn(self) -> None:
        if self._turns:
            self._turns -= 1
        else:
            self._transport.limiter.acquire(self._while_waiting)

    def _delete(self, path: str) -> None:
        self._transported(Request("DELETE", path), lambda _: None)

    def _send(self, request: Request, model: type[M]) -> M:
        return self._transported(request, lambda content: model.model_validate(decode(content)))

    def _transported(self, request: Request, parse: Callable[[bytes], T]) -> T:
        self._take_turn()
        return self._transport.send(request, parse, self._on_call, self._before_send)

    def _list(self, request: Request, kind: type[Page[Entry]]) -> list[Entry]:
        return whole_list(partial(self._page, request, kind), f"GET {request.path}")

    def _documents(self, **query: str) -> list[Document | UnreadableEntry]:
        request = Request("GET", "/documents", urlencode(query, safe=","))
        read_page = partial(self._page, request, PageOfDocuments)
        return overlapping_pages(read_page, "GET /documents", _PAGE_SIZE)

    def _page(
        self,
        request: Request,
        kind: type[Page[Entry]],
        number: int,
        size: int = _PAGE_SIZE,
    ) -> Page[Entry]:
        def parse(content: bytes) -> Page[Entry]:
            page = kind.model_validate(decode_page(content))
            if page.items and page.page != number:
                raise ValueError(f"page {page.page} came for page {number}")
            return page

        query = f"{request.query}&" if request.query else ""
        query += f"limit={size}&page={number}"
        return self._transported(replace(request, query=query), parse)
