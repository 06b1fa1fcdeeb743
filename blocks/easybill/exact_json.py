"""JSON whose numbers are exact: a fraction is a Decimal, never a float."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

# Written out as a whole number, 1e999999999 would take all memory.
_MOST_DIGITS = 1000


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if abs(number.adjusted()) > _MOST_DIGITS:
        raise ValueError("a number has too many digits")
    return number


class _PageAsSent(msgspec.Struct):
    page: int
    pages: int
    total: int
    items: list[msgspec.Raw]


_DECODER = msgspec.json.Decoder(float_hook=_decimal)
_PAGE = msgspec.json.Decoder(_PageAsSent, strict=False)
_ENCODER = msgspec.json.Encoder(decimal_format="number")

Json = dict[str, Any]


def encode(value: object) -> bytes:
    """Write JSON; a Decimal is written digit by digit."""
    return _ENCODER.encode(value)


def encode_body(body: Mapping[str, object]) -> bytes:
    """Write a body that is sent to easybill.

    Raises TypeError for a float (money never is one), ValueError for a Decimal that is no number.
    """
    _require_exact(body, "the body")
    return encode(body)


def decode(content: bytes | str) -> object:
    """Read JSON. Raises ValueError."""
    try:
        decoded: object = _DECODER.decode(content)
    except (msgspec.DecodeError, ArithmeticError, RecursionError) as broken:
        raise ValueError(f"not JSON: {broken}") from None
    return decoded


def decode_page(content: bytes) -> Json:
    """Read a list's page, its `items` one at a time, as whole they take a lot of memory.

    Raises ValueError, also while the items are gone through.
    """
    try:
        page = _PAGE.decode(content)
    except (msgspec.DecodeError, RecursionError) as broken:
        raise ValueError(f"not a page: {broken}") from None
    numbers = {"page": page.page, "pages": page.pages, "total": page.total}
    return {**numbers, "items": (decode(bytes(item)) for item in page.items)}


def decode_object(content: bytes | str) -> Json:
    """Read a JSON object. Raises ValueError for anything else."""
    decoded = decode(content)
    if not isinstance(decoded, dict):
        raise ValueError("a JSON object is expected")
    return decoded


def _require_exact(value: object, where: str) -> None:
    if isinstance(value, float):
        raise TypeError(f"{where} is a float; give an int or a Decimal")
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError(f"{where} is {value}, which JSON cannot hold")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _require_exact(inner, f"{where} → {key}")
    if isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            _require_exact(inner, f"{where}[{index}]")
