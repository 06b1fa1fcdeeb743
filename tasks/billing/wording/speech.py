"""Speech: how a language says texts, amounts, numbers, months and days.

Our texts are English in the code. Another language has a file here, `words.<language>.toml`, with
its words for each of them; a test finds one that is missing.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent

from tasks.billing import words
from tasks.billing.money import amount_text
from tasks.billing.month import BERLIN, BillingMonth

ENGLISH = "en"
_FILTERS = (
    *("amount", "counted", "day", "moment", "month", "months", "named", "number", "rule"),
    *("signed_amount", "signed_percent"),
)
_SIGNED = "+#,##0.00\xa0¤;-#,##0.00\xa0¤"
_SIGNED_PERCENT = "+#,##0.0\xa0%;-#,##0.0\xa0%"


@dataclass(frozen=True, slots=True)
class Speech:
    """One language; English amounts and days are those of logs: 1,234.56 and 2026-10-31."""

    language: str = ENGLISH

    @property
    def is_english(self) -> bool:
        """Whether nothing has to be translated."""
        return self.language == ENGLISH

    @property
    def filters(self) -> Mapping[str, Callable[..., str]]:
        """What templates say values with."""
        return {name: getattr(self, name) for name in _FILTERS}

    def say(self, text: str, **values: object) -> str:
        """The English text in this language, with its `{name}`s filled in."""
        said = text if self.is_english else words_of(self.language)["texts"].get(text, text)
        return said.format(**values) if values else said

    def amount(self, cents: int) -> str:
        """An amount of money in cents: 1,234.56, or 1.234,56 €."""
        if self.is_english:
            return amount_text(cents)
        return format_currency(Decimal(cents).scaleb(-2), "EUR", locale=self.language)

    def signed_amount(self, cents: int) -> str:
        """A change of an amount: +12.50, -3.00, 0.00."""
        if self.is_english or not cents:
            return f"{'+' if cents > 0 else ''}{self.amount(cents)}"
        return format_currency(Decimal(cents).scaleb(-2), "EUR", _SIGNED, locale=self.language)

    def number(self, number: int | str | Decimal) -> str:
        """A count, or a decimal with all its digits: 1,425 or 2.5; 1.425 or 2,5."""
        return format_decimal(Decimal(number), "#,##0.####################", locale=self.language)

    def decimal(self, text: str) -> str:
        """A decimal with the digits of its text, as files have it: 1000.50; or 1.000,50."""
        if self.is_english:
            return text
        _, point, decimals = text.partition(".")
        form = f"#,##0{point}{'0' * len(decimals)}"
        return format_decimal(Decimal(text), form, locale=self.language)

    def signed_percent(self, change: int, before: int) -> str:
        """A change as a part of what it was before: +12.5%, or +12,5 %."""
        part = Decimal(change) / before
        if self.is_english:
            return f"{part:+.1%}"
        return format_percent(part, _SIGNED_PERCENT, locale=self.language)

    def counted(self, count: int, singular: str, plural: str | None = None) -> str:
        """`1 draft`, `1,425 drafts`."""
        if self.is_english:
            return words.counted(count, singular, plural)
        return f"{self.number(count)} {self._noun(singular, count)}"

    def named(self, names: Sequence[str], singular: str) -> str:
        """`service S1`, `services S1, S2`."""
        if self.is_english:
            return words.named(names, singular)
        return f"{self._noun(singular, len(names))} {', '.join(names)}"

    def first_few(self, said: Sequence[str], at_most: int) -> str:
        """`K1; K2; and 3 more`."""
        if self.is_english:
            return words.first_few(said, at_most)
        more = len(said) - at_most
        rest = [self.say("and {count} more", count=self.number(more))] if more > 0 else []
        return "; ".join([*said[:at_most], *rest])

    def month(self, text: str) -> str:
        """A billing month: 2026-10, or Oktober 2026."""
        if self.is_english:
            return text
        return format_date(BillingMonth.parse(text).first_day, "LLLL y", locale=self.language)

    def months(self, texts: Sequence[str]) -> str:
        """Several months."""
        return ", ".join(map(self.month, texts))

    def day(self, day: date | str) -> str:
        """A day: 2026-10-31, or 31.10.2026."""
        found = date.fromisoformat(day) if isinstance(day, str) else day
        return f"{found}" if self.is_english else format_date(found, "dd.MM.y", self.language)

    def moment(self, moment: datetime, seconds: str = "", clock: tzinfo = BERLIN) -> str:
        """The moment on Berlin's clocks; `seconds` is `:ss` where they are to be said."""
        form = ("yyyy-MM-dd" if self.is_english else "dd.MM.y") + f" HH:mm{seconds}"
        return format_datetime(moment, form, tzinfo=clock, locale=self.language)

    def rule(self, expected: str) -> str:
        """What the OMS is expected to say, put together from the pieces that are known."""
        if not self.is_english:
            for piece, said in words_of(self.language)["rules"].items():
                expected = expected.replace(piece, said)
        return expected

    def _noun(self, singular: str, count: int) -> str:
        one, many = words_of(self.language)["nouns"].get(singular, (singular, f"{singular}s"))
        return str(one if count == 1 else many)


IN_ENGLISH = Speech()


@cache
def words_of(language: str) -> Mapping[str, Any]:
    """What the file of a language holds: its texts, nouns and rules by the English ones."""
    file = files(__package__).joinpath(f"words.{language}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))
