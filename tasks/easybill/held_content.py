"""What a document holds: customer, currency and positions. Sums alone do not tell them apart."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from blocks.easybill.models import Document, Position
from tasks.billing.digest import hashed
from tasks.billing.invoice import Invoice
from tasks.billing.line_item import LineItem
from tasks.billing.money import EXACT, plain


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """What a line bills: number, quantity, net price of a unit in cents, VAT; decimals as text."""

    number: str
    quantity: str
    price_cents: str
    vat_percent: str

    @property
    def fields(self) -> tuple[str, str, str, str]:
        """Its values in this order; `astuple` would copy each deeply."""
        return (self.number, self.quantity, self.price_cents, self.vat_percent)


@dataclass(frozen=True, slots=True)
class HeldContent:
    """A document's content as two digests; texts are in the second alone.

    People correct texts in drafts, and easybill may lay them out anew.
    """

    document_sha256: str
    texts_sha256: str


def content_of(document: Document) -> HeldContent:
    """What the document holds, as easybill answers it."""
    texts = ((item_at(p), text_at(p)) for p in priced(document))
    return _content(document.customer_id, document.currency, texts)


def planned_content(invoice: Invoice, easybill_customer_id: int) -> HeldContent:
    """What the invoice's document is to hold."""
    texts = ((item_of(line), normalised(line.position_text)) for line in invoice.lines)
    return _content(easybill_customer_id, invoice.customer.currency, texts)


def priced(document: Document) -> list[Position]:
    """The positions that bill something; lines of text alone are left out."""
    return [position for position in document.items if position.type == "POSITION"]


def item_of(line: LineItem) -> Item:
    """What the line bills."""
    cents = line.unit_price_net.scaleb(2, EXACT)
    return item(line.service_code, line.quantity, cents, line.vat_percent)


def item_at(position: Position) -> Item:
    """What the position bills."""
    return item(position.number, position.quantity, position.single_price_net, position.vat_percent)


def text_at(position: Position) -> str:
    """The position's text, to be compared."""
    return normalised(position.description or "")


def names_of(positions: Iterable[Position]) -> list[str]:
    """The positions for people: number and text."""
    return [normalised(f"{each.number or ''} {each.description or ''}") for each in positions]


def normalised(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(text.split())


def item(
    number: str | None,
    quantity: Decimal | None,
    price_cents: Decimal | None,
    vat_percent: Decimal | None,
) -> Item:
    """An item of these values; what is not there is an empty text."""
    amounts = (quantity, price_cents, vat_percent)
    return Item(number or "", *("" if amount is None else plain(amount) for amount in amounts))


def _content(
    customer_id: int | None, currency: str | None, texts: Iterable[tuple[Item, str]]
) -> HeldContent:
    # A position's place says nothing of what is billed.
    lines = sorted((held.fields, text) for held, text in texts)
    whose = [customer_id, currency]
    return HeldContent(hashed([whose, [held for held, _ in lines]]), hashed([whose, lines]))
