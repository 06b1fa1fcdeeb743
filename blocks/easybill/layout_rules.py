"""What a field must look like in a file, in words and as an expression."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from blocks.easybill.layout_text import ANY_OTHER, Column, FileForm
from blocks.easybill.layout_vocabulary import Form

AMOUNT = "(0|[1-9][0-9]*)"
SIGNS = {".": "point", ",": "comma"}
DATES = {
    "YYYY-MM-DD": ("%Y-%m-%d", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    "DD.MM.YYYY": ("%d.%m.%Y", r"^[0-9]{2}\.[0-9]{2}\.[0-9]{4}$"),
    "DD/MM/YYYY": ("%d/%m/%Y", "^[0-9]{2}/[0-9]{2}/[0-9]{4}$"),
    "YYYYMMDD": ("%Y%m%d", "^[0-9]{8}$"),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """What each field of a column must look like; null where there is no text at all."""

    expected: str
    holds: pl.Expr


def rule_of(column: Column, form: FileForm) -> Rule:
    """The rule of a column in files of this form."""
    field = pl.col(column.name)
    if column.holds is None:
        return Rule(repr(column.text) if column.text else "nothing", field.eq(column.text))
    if column.form is Form.TEXT and not column.values:
        if column.obligatory:
            return Rule("a text that is not blank", field.str.contains(r"\S"))
        return Rule("any text, or nothing", field.is_not_null())
    expected, holds = _filled(column, form, field)
    if column.obligatory:
        return Rule(expected, holds)
    return Rule(f"{expected}, or nothing", (field == "") | holds)


def _filled(column: Column, form: FileForm, field: pl.Expr) -> tuple[str, pl.Expr]:
    if column.values:
        values = [text for key, text in column.values.items() if text or key != ANY_OTHER]
        named = [value for value in dict.fromkeys(values) if value]
        expected = " or ".join(filter(None, [", ".join(named[:-1]), named[-1]]))
        return expected, field.is_in(values)
    return _FORMS[column.form](form, field)


def _date(form: FileForm, field: pl.Expr) -> tuple[str, pl.Expr]:
    pattern, written = DATES[form.dates]
    is_day = field.str.to_date(pattern, strict=False).is_not_null()
    return f"a day of the calendar as {form.dates}", field.str.contains(written) & is_day


def _quantity(form: FileForm, field: pl.Expr) -> tuple[str, pl.Expr]:
    sign = form.decimal
    holds = field.str.contains(rf"^{AMOUNT}(\{sign}[0-9]+)?$") & field.str.contains("[1-9]")
    return f"a number above 0 with a {SIGNS[sign]}, such as 1 or 2{sign}5", holds


def _price(form: FileForm, field: pl.Expr) -> tuple[str, pl.Expr]:
    sign = form.decimal
    expected = f"a price of 0 or more with a {SIGNS[sign]} and at least two decimals"
    holds = field.str.contains(rf"^{AMOUNT}\{sign}[0-9]{{2,}}$")
    return f"{expected}, such as 11{sign}90", holds


def _percent(form: FileForm, field: pl.Expr) -> tuple[str, pl.Expr]:
    sign = form.decimal
    return f"a number such as 19 or 7{sign}7", field.str.contains(rf"^{AMOUNT}(\{sign}[0-9]+)?$")


def _capitals(letters: int, words: str) -> Callable[[FileForm, pl.Expr], tuple[str, pl.Expr]]:
    return lambda _, field: (words, field.str.contains(f"^[A-Z]{{{letters}}}$"))


_FORMS: dict[Form, Callable[[FileForm, pl.Expr], tuple[str, pl.Expr]]] = {
    Form.DATE: _date,
    Form.QUANTITY: _quantity,
    Form.PRICE: _price,
    Form.PERCENT: _percent,
    Form.CURRENCY: _capitals(3, "three capital letters such as EUR"),
    Form.COUNTRY: _capitals(2, "two capital letters such as DE"),
}
