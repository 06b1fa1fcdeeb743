"""From whatever a database driver returns to exact text, numbers and instants."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl

from blocks.oms.column import EXACT, INTEGER_DIGITS

_STEP = Decimal("0.0001")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_PLAIN = rf"^-?[0-9]{{1,{INTEGER_DIGITS}}}(\.[0-9]{{1,4}}0*)?$"
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)?)?"
)
# What a database finds with this, `instant` can read. The reverse need not hold: 29 February and
# years from 9000 on are read, and then looked at here.
SURELY_A_TIME = (
    "^[1-8][0-9]{3}-"
    "((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
    "([Tt ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?"
    "([Zz]|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)?)?$(?!\\n)"
)
FIRST_YEAR = 1000
# A value with this character is no text: PostgreSQL, where the ledger may live, keeps it in none.
# In front of what follows it stands for bytes that are no UTF-8.
NUL = "\0"


def texts(values: Iterable[object]) -> list[str | None]:
    """Spell each value as its exact text; a float as its shortest decimal text."""
    return [value if value is None or type(value) is str else _text(value) for value in values]


def _text(value: object) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return decoded(bytes(value))
    # SQLite may keep a key as REAL; it is a whole number all the same.
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)


def decoded(stored: bytes) -> str:
    """The text of these bytes; where they are no UTF-8, NUL and a text that shows them."""
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return NUL + stored.decode(errors="backslashreplace")


def exact_numbers(series: pl.Series) -> pl.Series:
    """Read texts as decimals of 4 places; null where a text is not exactly such a number."""
    odd = series.filter(~series.str.contains(_PLAIN)).drop_nulls().unique()
    plain = [None if (number := exact_number(text)) is None else f"{number:f}" for text in odd]
    return series.replace(odd, pl.Series(plain, dtype=pl.String)).cast(EXACT)


def exact_number(text: str) -> Decimal | None:
    """Read the number that a text spells, if it is exact at 4 decimals and below 10^12."""
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text)
    if not number:
        return Decimal(0)
    if number.adjusted() >= INTEGER_DIGITS:
        return None
    # Comparing decimals is exact whatever the context's precision; normalize() would round.
    rounded = number.quantize(_STEP)
    return rounded if rounded == number else None


def instant(value: object, zone: ZoneInfo) -> datetime | None:
    """Read the moment (UTC) of a timestamp, date or ISO text; null where there is none.

    A value without offset is local time in `zone`. An hour that occurs twice means its first
    occurrence; one that the clocks skip is counted on from the hour before (fold=0), so every
    value stands for exactly one moment. A year before FIRST_YEAR is a slip, or stands for "none".
    """
    try:
        moment = _moment(value)
        if moment is None or moment.year < FIRST_YEAR:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    text = _text(value) if isinstance(value, str | bytes | bytearray | memoryview) else ""
    return datetime.fromisoformat(text.upper()) if _ISO.fullmatch(text) else None
