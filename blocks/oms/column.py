"""How a relation of the OMS is declared: its columns, what each must hold, and what a row must."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

import polars as pl

BERLIN = "Europe/Berlin"
INTEGER_DIGITS = 12
# Far below what PostgreSQL, where the ledger may live, takes in an index.
LONGEST_KEY = 255
EXACT = pl.Decimal(38, 4)


class Kind(Enum):
    """What a column holds; the value is its type in a frame."""

    TEXT = pl.String()
    NUMBER = EXACT
    TIME = pl.Datetime("us", BERLIN)


@dataclass(frozen=True, slots=True)
class Rule:
    """What must be true of a column's value, and the same in plain English."""

    holds: Callable[[pl.Expr], pl.Expr]
    expected: str


@dataclass(frozen=True, slots=True)
class RowRule:
    """What must be true of a row; null counts as false. `column` is named where it is not.

    A rule that compares rows must stay true where other rows are left out.
    """

    column: str
    holds: pl.Expr
    expected: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column; an empty text and the text `null_word` mean null, and null means `default`.

    An optional column may be missing from the relation; then all its values are null.
    """

    name: str
    kind: Kind
    meaning: str
    rule: Rule | None = None
    nullable: bool = False
    default: str | None = None
    null_word: str = ""
    optional: bool = False

    @property
    def expected(self) -> str:
        """What every value must be, in plain English."""
        by_rule = self.rule.expected if self.rule else ""
        if self.kind is Kind.NUMBER:
            by_rule = f"{by_rule}, " if by_rule else ""
            text = f"a number: {by_rule}below 10^{INTEGER_DIGITS}, at most 4 decimals"
        elif self.kind is Kind.TIME:
            text = "a timestamp such as 2026-10-31 23:59:59"
        else:
            text = by_rule or ("a text" if self.nullable else "a text that is not empty")
        return f"null or {text}" if self.nullable else text

    @property
    def row_rule(self) -> RowRule:
        """The same rule for rows, true of null."""
        value = pl.col(self.name)
        holds = self.rule.holds(value) if self.rule else pl.lit(value=True)
        return RowRule(self.name, value.is_null() | holds, self.expected)


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view of the OMS; checks, frames, tables and documentation derive from it."""

    name: str
    key: str
    columns: tuple[Column, ...]
    rules: tuple[RowRule, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of all columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def number_names(self) -> tuple[str, ...]:
        """The names of the columns with numbers."""
        return tuple(column.name for column in self.columns if column.kind is Kind.NUMBER)

    def called(self, name: str) -> "Relation":
        """The same relation under another name."""
        return replace(self, name=name)


def more_than(least: int) -> Rule:
    """A number above this one."""
    return Rule(lambda value: value > least, f"more than {least}")


def at_least(least: int) -> Rule:
    """A number that is at least this one."""
    return Rule(lambda value: value >= least, f"{least} or more")


def between(least: int, most: int) -> Rule:
    """A number from one to the other, both included."""
    return Rule(lambda value: value.is_between(least, most), f"{least} to {most}")


def one_of(*texts: str) -> Rule:
    """One of these texts, in this spelling."""
    expected = " or ".join(texts) if len(texts) == 2 else f"one of {', '.join(texts)}"
    return Rule(lambda value: value.is_in(texts), expected)


def matching(pattern: str, expected: str) -> Rule:
    """A text that this regular expression finds."""
    return Rule(lambda value: value.str.contains(pattern), expected)


def unique(column: str) -> pl.Expr:
    """No other row has this value; true of null."""
    return pl.col(column).is_null() | ~pl.col(column).is_duplicated()
