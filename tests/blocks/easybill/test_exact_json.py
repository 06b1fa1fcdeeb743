import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.easybill.exact_json import decode, encode_body


def test_a_decimal_is_written_digit_by_digit() -> None:
    body = {"items": [{"single_price_net": Decimal("123.45"), "vat_percent": 19}]}
    assert encode_body(body) == b'{"items":[{"single_price_net":123.45,"vat_percent":19}]}'


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_any_decimal_comes_back_as_it_was(value: Decimal) -> None:
    content = encode_body({"x": value})
    assert json.loads(content, parse_float=Decimal, parse_int=Decimal) == {"x": value}
    assert decode(content) == {"x": value}


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"price": 1.5}, "price"),
        ({"items": [{"price": 1}, {"price": 2.0}]}, r"items\[1\] → price"),
        ({"items": ({"price": float("nan")},)}, r"items\[0\] → price"),
    ],
)
def test_a_float_is_refused_and_its_place_named(body: dict[str, object], where: str) -> None:
    with pytest.raises(TypeError, match=where):
        encode_body(body)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_a_decimal_that_is_no_number_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="x is"):
        encode_body({"x": Decimal(value)})


def test_a_number_with_a_point_is_read_as_a_decimal() -> None:
    read = decode(b"[0.10, 3, 1e2, 123456789012345678901234567890]")
    assert repr(read) == "[Decimal('0.10'), 3, Decimal('1E+2'), 123456789012345678901234567890]"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b'{"a": NaN}',
        b"\xff",
        b"[" * 100_000,
        b"1e999999999999999999999",
        b"1e9999999",
        b"-1e-9999999",
        b"0e9999999",
    ],
)
def test_what_is_no_json_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any ValueError will do
        decode(content)
