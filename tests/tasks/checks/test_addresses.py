"""Addresses that are missing in easybill, or are others than the OMS's."""

import pytest

from tasks.billing.address import Address
from tasks.billing.issue import IssueCode, Severity
from tasks.billing.wording import text_of
from tasks.checks.addresses import no_address
from tests.tasks.months_to_check import line, names, october
from tests.world import ADDRESS


@pytest.mark.parametrize(
    ("theirs", "said"),
    [
        (
            {"street": None},
            "easybill lacks the customer's street; the OMS has Domweg 1, 50667 Köln",
        ),
        ({"street": " ", "zip_code": ""}, "easybill lacks the customer's street and zip code"),
        ({"city": None}, "easybill lacks the customer's city"),
        (
            {"street": "Domweg 2"},
            "the address in easybill is Domweg 2, 50667 Köln; the OMS has Domweg 1, 50667 Köln",
        ),
        ({"zip_code": "50668"}, "the address in easybill is Domweg 1, 50668 Köln"),
        ({"city": "Bonn"}, "the address in easybill is Domweg 1, 50667 Bonn"),
    ],
)
def test_an_address_that_is_missing_in_easybill_or_differs_is_found(
    theirs: dict[str, str | None], said: str
) -> None:
    address = Address(**{**ADDRESS, **theirs})
    month = october({"K1": (line(),)}, in_easybill={"K1": {"address": address}})
    (finding,) = no_address(month)
    assert (finding.name, finding.severity) == ("no_address:K1", Severity.WARNS)
    assert text_of(finding).startswith(said)


def test_an_address_that_is_there_and_the_same_is_not_found() -> None:
    month = october({"K1": (line(),), "K2": (line("S2"),)}, in_easybill={"K1": {}})
    assert no_address(month) == []


def test_where_easybill_does_not_know_the_customer_yet_the_omss_address_counts() -> None:
    month = october({"K1": (line(),)}, customers={"K1": {"street": None}})
    (finding,) = no_address(month)
    assert text_of(finding) == "the OMS lacks the customer's street"


def test_what_the_oms_does_not_know_does_not_differ() -> None:
    nothing = dict.fromkeys(ADDRESS)
    month = october({"K1": (line(),)}, customers={"K1": nothing}, in_easybill={"K1": {}})
    assert no_address(month) == []


def test_many_customers_without_address_are_one_finding_that_knows_all_of_them() -> None:
    numbers = [f"K{place}" for place in range(1, 1426)]
    without = {number: {"address": Address()} for number in numbers}
    month = october({number: (line(number),) for number in numbers}, in_easybill=without)
    (finding,) = no_address(month)
    assert (finding.code, names([finding])) == (IssueCode.NO_ADDRESS, ["no_address"])
    summed = finding.facts["customers"]
    assert isinstance(summed, dict)
    assert sorted(summed["numbers"]) == sorted(numbers)
    assert len(text_of(finding)) < 500
