"""A customer's address, as an invoice has to show it."""

import re
from dataclasses import asdict, astuple, dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """Street and number, zip code and city; each may be missing."""

    street: str | None = None
    zip_code: str | None = None
    city: str | None = None

    def missing_beside(self, other: "Address") -> tuple[str, ...]:
        """The names of the parts that are missing; a zip code only where the other one has it.

        Not every country has zip codes.
        """
        needed = {"street", "city", *(["zip_code"] if _written(other.zip_code) else [])}
        return tuple(
            name for name, part in asdict(self).items() if name in needed and not _written(part)
        )

    @property
    def in_one_line(self) -> str:
        """`Weg 1, 50667 Köln`, as far as it is known."""
        street, *place = (" ".join((part or "").split()) for part in astuple(self))
        return ", ".join(filter(None, (street, " ".join(filter(None, place)))))

    def agrees_with(self, other: "Address") -> bool:
        """Whether no part that both have says something else in the one than in the other.

        White space, capitals, and whether it is Str. or Straße do not count.
        """
        here, there = (map(_written, astuple(address)) for address in (self, other))
        return all(a == b for a, b in zip(here, there, strict=True) if a and b)


NO_ADDRESS = Address()


def _written(part: str | None) -> str:
    # casefold makes ß to ss.
    return re.sub(r"[\s.]", "", (part or "").casefold()).replace("strasse", "str")
