"""The fields of easybill's answers that are used here.

easybill's dates and times stay the text that it wrote (Europe/Berlin, no offset), so that
they are only compared for being the same.
"""

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict

T = TypeVar("T")


def _null_is_empty(value: object) -> object:
    return () if value is None else value


Many = Annotated[tuple[T, ...], BeforeValidator(_null_is_empty)]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


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


class Document(_Answer):
    """A document; `amount` (gross) and `amount_net` are cents, computed by easybill.

    Of its positions, `items`, only the number is used.
    """

    id: int
    is_draft: bool
    amount: int
    amount_net: int
    external_id: str | None = None
    created_at: str | None = None
    edited_at: str | None = None
    attachment_ids: Many[int] = ()
    items: Many[object] = ()


class Attachment(_Answer):
    """An uploaded file, linked to at most one document."""

    id: int
    file_name: str
    document_id: int | None = None


class Page(_Answer, Generic[T]):
    """One page of a list."""

    page: int
    pages: int
    total: int
    items: tuple[T, ...]
