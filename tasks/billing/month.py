"""The billing month: a calendar month in Europe/Berlin."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, order=True)
class BillingMonth:
    """`[first, first of the next)` in Europe/Berlin; its text is `YYYY-MM`."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `YYYY-MM`; anything else is a ValueError in plain words."""
        found = _MONTH.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no billing month; write it as YYYY-MM, such as 2026-10")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def containing(cls, moment: datetime) -> Self:
        """The month that an aware moment lies in, as Berlin's calendar has it."""
        if moment.tzinfo is None:
            raise ValueError("a moment without a time zone belongs to no billing month")
        local = moment.astimezone(BERLIN)
        return cls(local.year, local.month)

    @classmethod
    def before(cls, moment: datetime) -> Self:
        """The month before the one that an aware moment lies in."""
        return cls.containing(moment).preceding()

    def preceding(self) -> Self:
        """The month before this one."""
        day = self.first_day - timedelta(days=1)
        return type(self)(day.year, day.month)

    def following(self) -> Self:
        """The month after this one."""
        day = self.first_day + timedelta(days=31)
        return type(self)(day.year, day.month)

    @property
    def first_day(self) -> date:
        """The first day of the month."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """The last day of the month."""
        return self.following().first_day - timedelta(days=1)

    @property
    def starts_at(self) -> datetime:
        """The first instant of the month."""
        return datetime(self.year, self.month, 1, tzinfo=BERLIN)

    @property
    def ends_at(self) -> datetime:
        """The first instant that is no longer in the month."""
        return self.following().starts_at

    def is_over(self, moment: datetime) -> bool:
        """Whether the month is complete at this aware moment."""
        return type(self).containing(moment) > self

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"
