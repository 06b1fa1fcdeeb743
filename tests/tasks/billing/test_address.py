"""Addresses: what is missing, and when two are the same."""

import pytest

from tasks.billing.address import Address
from tests.world import ADDRESS


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("Hauptstraße 5a", "Hauptstr. 5 a", True),
        ("HAUPTSTRASSE 5", "Hauptstraße  5", True),
        ("Straße des 17. Juni 135", "Str. des 17. Juni 135", True),
        ("Strandweg 1", "Strandweg 1 ", True),
        ("Hauptstr. 5", "Hauptstr. 6", False),
        ("Weg 1-3", "Weg 13", False),
        ("Hauptweg 5", "Hauptstraße 5", False),
        ("Hauptstr. 5", None, True),
        ("Hauptstr. 5", "  ", True),
    ],
)
def test_streets_are_the_same_however_they_are_written(
    one: str, other: str | None, is_same: bool
) -> None:
    assert Address(street=one).agrees_with(Address(street=other)) is is_same
    assert Address(street=other).agrees_with(Address(street=one)) is is_same


def test_an_address_in_one_line_has_what_is_known() -> None:
    assert Address(**ADDRESS).in_one_line == "Domweg 1, 50667 Köln"
    assert Address(city="Köln", street="Domweg 1\nHinterhaus").in_one_line == (
        "Domweg 1 Hinterhaus, Köln"
    )
    assert Address().in_one_line == ""


def test_a_zip_code_is_missing_only_where_the_other_address_has_one() -> None:
    assert Address(city="Köln").missing_beside(Address(**ADDRESS)) == ("street", "zip_code")
    assert Address(street="1 Queen's Road", city="Hong Kong").missing_beside(Address()) == ()
    assert Address(**ADDRESS).missing_beside(Address()) == ()
