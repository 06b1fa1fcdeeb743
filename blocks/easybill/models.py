"""The fields of easybill's answers that are used here.

easybill's dates and times stay the text that it wrote (Europe/Berlin, no offset), so that
they are only compared for being the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from blocks.easybill.errors import Unreadable

T = TypeVar("T")


def _null_is_empty(value: object) -> object:
    return () if value is None else value


def _number_if_any(value: object) -> object:
    return value if type(value) is int else None


def _text_if_any(value: object) -> object:
    return str(value) if isinstance(value, str | int) else None


Many = Annotated[tuple[T, ...], BeforeValidator(_null_is_empty)]
_TextIfAny = Annotated[str | None, BeforeValidator(_text_if_any)]
_NumberIfAny = Annotated[int | None, BeforeValidator(_number_if_any)]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


def _mapping_if_any(value: object) -> object:
    return value if isinstance(value, Mapping) else None


class ServicePeriod(_Answer):
    """When a document's services were supplied; a day, or the first and the last one."""

    type: _TextIfAny = None
    date: _TextIfAny = None
    date_to: _TextIfAny = None


class CustomerSnapshot(_Answer):
    """The customer as the document has it."""

    number: _TextIfAny = None
    company_name: _TextIfAny = None
    first_name: _TextIfAny = None
    last_name: _TextIfAny = None

    @property
    def name(self) -> str:
        """The company, or else the person."""
        return self.company_name or " ".join(filter(None, (self.first_name, self.last_name)))


class Login(_Answer):
    """A person who may use the account."""

    id: int
    display_name: str | None = None


class Customer(_Answer):
    """A customer; `id` is easybill's own, `number` is the customer number."""

    id: int
    number: str | None = None
    vat_identifier: str | None = None
    buyer_reference: str | None = None
    document_pdf_type: str | None = None
    archived: bool | None = None
    street: _TextIfAny = None
    zip_code: _TextIfAny = None
    city: _TextIfAny = None


@lru_cache(maxsize=10_000)
def _same_number(written: str) -> Decimal:
    return Decimal(written)


@lru_cache(maxsize=10_000)
def _same_text(text: str) -> str:
    return text


# A month has tens of thousands of positions: what is written the same is kept once.
_Number = Annotated[Decimal, AfterValidator(lambda number: _same_number(str(number)))]
_Text = Annotated[str, AfterValidator(_same_text)]


@dataclass(frozen=True, slots=True)
class Position:
    """A line of a document; its price is in cents. A line that is text alone may have no numbers.

    What is None there is null or left out: a price of 0 is 0.
    """

    type: _Text = "POSITION"
    number: _Text | None = None
    description: _Text | None = None
    quantity: _Number | None = None
    single_price_net: _Number | None = None
    vat_percent: _Number | None = None


class Document(_Answer):
    """A document; `amount` (gross) and `amount_net` are cents, computed by easybill.

    `cancel_id` is the id of the Storno that cancels an invoice, `ref_id` a Storno's invoice.
    """

    id: int
    is_draft: bool
    amount: int
    amount_net: int
    external_id: str | None = None
    customer_id: int | None = None
    number: str | None = None
    cancel_id: int | None = None
    currency: str | None = None
    created_at: str | None = None
    edited_at: str | None = None
    # Of documents that others made, too: whatever is odd there must not make one unreadable.
    type: _TextIfAny = None
    ref_id: _NumberIfAny = None
    due_date: _TextIfAny = None
    paid_at: _TextIfAny = None
    paid_amount: _NumberIfAny = None
    document_date: _TextIfAny = None
    service_date: Annotated[ServicePeriod | None, BeforeValidator(_mapping_if_any)] = None
    customer_snapshot: Annotated[CustomerSnapshot | None, BeforeValidator(_mapping_if_any)] = None
    attachment_ids: Many[int] = ()
    items: Many[Position] = ()


def _nothing(_: object) -> tuple[Position, ...]:
    return ()


class BareDocument(Document):
    """A document whose positions, most of an answer, were left out when it was read."""

    items: Annotated[tuple[Position, ...], BeforeValidator(_nothing)] = ()


class Attachment(_Answer):
    """An uploaded file, linked to at most one document."""

    id: int
    file_name: str
    document_id: int | None = None


class UnreadableEntry(_Answer):
    """An entry of a list that is not as easybill's API describes it; whose it is, if that shows."""

    id: Annotated[int | None, BeforeValidator(_number_if_any)] = None
    external_id: _TextIfAny = None
    file_name: _TextIfAny = None
    number: _TextIfAny = None

    def error(self, kind: str) -> Unreadable:
        """What to raise where just this entry is needed."""
        name = self.external_id or self.file_name or self.number
        return Unreadable(f"easybill's {kind} {self.id} ({name}) is not as its API describes one")


Listed = Annotated[T | UnreadableEntry, Field(union_mode="left_to_right")]


class Page(_Answer, Generic[T]):
    """One page of a list."""

    page: int
    pages: int
    total: int
    items: tuple[T, ...]


# Pydantic forgets such a class when nobody holds it, and takes 4 ms to make it again.
PageOfLogins = Page[Login]
PageOfCustomers = Page[Listed[Customer]]
PageOfDocuments = Page[Listed[Document]]
PageOfBareDocuments = Page[Listed[BareDocument]]
PageOfAttachments = Page[Listed[Attachment]]
