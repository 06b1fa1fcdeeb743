"""JSON with exact numbers, in both directions."""

import json
from collections.abc import Mapping
from decimal import Decimal

import msgspec

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def encode_body(body: Mapping[str, object]) -> bytes:
    """Write the body as JSON; a Decimal goes out digit by digit.

    Raises TypeError for a float (money never is one), ValueError for a Decimal that is no number.
    """
    return _ENCODER.encode(_exact(body, "the body"))


def decode_body(content: bytes) -> object:
    """Read JSON; a number with a point becomes a Decimal. Raises ValueError."""
    try:
        decoded: object = json.loads(content, parse_float=Decimal, parse_constant=_no_number)
    except (RecursionError, ArithmeticError):
        raise ValueError("the JSON is nested or its numbers grow beyond measure") from None
    return decoded


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is not a number")


def _exact(value: object, where: str) -> object:
    if isinstance(value, float):
        raise TypeError(f"{where} is a float; give an int or a Decimal")
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError(f"{where} is {value}, which JSON cannot hold")
    if isinstance(value, Mapping):
        return {key: _exact(inner, f"{where} → {key}") for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(inner, f"{where}[{index}]") for index, inner in enumerate(value)]
    return value
