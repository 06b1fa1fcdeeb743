"""Numbers and days as a German accountant reads them."""

from datetime import date
from decimal import Decimal, InvalidOperation

_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£"}
_KINDS = {"INVOICE": "Rechnung", "STORNO": "Storno", "CREDIT": "Gutschrift", "OFFER": "Angebot"}
_STATES = {"draft": "Entwurf", "final": "fertig"}
_SPACE = "\N{NO-BREAK SPACE}"


def number(value: Decimal | int, at_least_decimals: int = 0) -> str:
    """1.234,5: all decimals, without zeros at the end beyond `at_least_decimals`."""
    whole, _, rest = f"{Decimal(value):,f}".partition(".")
    rest = rest.rstrip("0").ljust(at_least_decimals, "0")
    grouped = whole.replace(",", ".")
    return f"{grouped},{rest}" if rest else grouped


def money(cents: Decimal | int, currency: object = "EUR") -> str:
    """1.234,56 €, from cents; fractions of a cent are shown where there are any."""
    amount = number(Decimal(cents).scaleb(-2), at_least_decimals=2)
    return f"{amount}{_SPACE}{_SYMBOLS.get(str(currency), str(currency))}"


def day(text: object) -> str:
    """31.10.2026, from 2026-10-31; an empty text for no date."""
    if not isinstance(text, str) or not text:
        return ""
    return date.fromisoformat(text[:10]).strftime("%d.%m.%Y")


def period(first: object, last: object) -> str:
    """01.10.2026 – 31.10.2026, or the one day."""
    if not last or first == last:
        return day(first)
    return f"{day(first)} – {day(last)}"


def kind(document_type: str) -> str:
    """Rechnung, from INVOICE."""
    return _KINDS.get(document_type, document_type.capitalize())


def status(state: str) -> str:
    """Entwurf, from draft."""
    return _STATES[state]


def number_of(text: str) -> Decimal:
    """1234.5, from 1.234,5 as a person types it; ValueError where it is no number."""
    try:
        return Decimal(text.strip().replace(".", "").replace(",", "."))
    except InvalidOperation:
        raise ValueError(f"{text!r} ist keine Zahl") from None
