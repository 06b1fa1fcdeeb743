"""What easybill answers, as far as it is used here; every number exact.

easybill's dates and times stay the text that it wrote (Europe/Berlin, no offset), so that
comparing two of them asks only whether they are the same.
"""

from decimal import Decimal
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

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
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    login_type: str | None = None


class Customer(_Answer):
    """A customer; `id` is easybill's own, `number` is the customer number."""

    id: int
    number: str | None = None
    company_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    display_name: str | None = None
    emails: Many[str] = ()
    street: str | None = None
    zip_code: str | None = None
    city: str | None = None
    country: str | None = None
    vat_identifier: str | None = None
    tax_options: str | None = None
    buyer_reference: str | None = None
    document_pdf_type: str | None = None
    archived: bool | None = None


class Position(_Answer):
    """A position of a document; its prices are in cents, with fractions of a cent."""

    id: int | None = None
    type: str | None = None
    number: str | None = None
    description: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    single_price_net: Decimal | None = None
    vat_percent: Decimal | None = None
    item_type: str | None = Field(default=None, alias="itemType")
    position: int | None = None


class ServiceDate(_Answer):
    """The period of supply that is printed on the document."""

    type: str | None = None
    date: str | None = None
    date_from: str | None = None
    date_to: str | None = None
    text: str | None = None


class Document(_Answer):
    """A document; `amount` (gross) and `amount_net` are cents, computed by easybill."""

    id: int
    is_draft: bool
    amount: int
    amount_net: int
    external_id: str | None = None
    type: str | None = None
    title: str | None = None
    number: str | None = None
    customer_id: int | None = None
    currency: str | None = None
    calc_vat_from: int | None = None
    vat_option: str | None = None
    order_number: str | None = None
    buyer_reference: str | None = None
    document_date: str | None = None
    service_date: ServiceDate | None = None
    created_at: str | None = None
    edited_at: str | None = None
    attachment_ids: Many[int] = ()
    items: Many[Position] = ()


class Attachment(_Answer):
    """An uploaded file, hung on at most one document, customer or project."""

    id: int
    file_name: str
    size: int | None = None
    document_id: int | None = None
    customer_id: int | None = None
    project_id: int | None = None
    created_at: str | None = None


class Page(_Answer, Generic[T]):
    """One page of a list."""

    page: int
    pages: int
    limit: int
    total: int
    items: tuple[T, ...]
