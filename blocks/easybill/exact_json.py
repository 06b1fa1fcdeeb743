"""JSON whose numbers are exact: a fraction is a Decimal, never a float."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
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
