"""Each check is declared once: its name, and what it can stop."""

import re

import pytest
from tasks.checks.check import Check, Stops, check
from tasks.checks.findings import Finding

from blocks.bounds.bounds import Bounds
from tasks.checks import e_invoice, lines, totals
from tasks.checks.all_checks import ALL_CHECKS
from tasks.checks.let_through import known_name
from tasks.checks.month_to_check import MonthToCheck
from tests.shared import ROOT
from tests.tasks.months_to_check import line, october

DOCUMENTATION = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")


@check(Stops.CUSTOMER)
def too_odd(month: MonthToCheck) -> list[Finding]:
    return [too_odd.finding(number, "odd") for number in month.lines]


def test_a_check_has_the_name_of_its_function_and_stops_what_is_declared() -> None:
    (finding,) = too_odd(october({"K1": (line(),)}))
    assert finding == Finding("too_odd", "K1", "odd", stops=True)


def test_every_check_that_is_declared_is_made() -> None:
    declared = [
        found
        for module in (lines, totals, e_invoice)
        for found in vars(module).values()
        if isinstance(found, Check)
    ]
    assert {each.name for each in declared} == {each.name for each in ALL_CHECKS}
    assert len(declared) == len(ALL_CHECKS)


@pytest.mark.parametrize("customer_number", ["K1", None])
@pytest.mark.parametrize("each", ALL_CHECKS, ids=lambda each: each.name)
def test_whatever_stops_can_be_let_through_by_its_name(
    each: Check, customer_number: str | None
) -> None:
    finding = each.finding(customer_number, "too much")
    if finding.stops:
        assert known_name(finding.name) == finding.name
    else:
        with pytest.raises(ValueError, match="lets nothing through"):
            known_name(finding.name)


@pytest.mark.parametrize("each", ALL_CHECKS, ids=lambda each: each.name)
def test_a_finding_stops_what_its_check_can_stop_and_nothing_else(each: Check) -> None:
    assert each.finding("K1", "too much").stops is (each.stops is Stops.CUSTOMER)
    assert each.finding(None, "too much").stops is (each.stops is Stops.RUN)
    assert not each.finding("K1", "too much", only_warns=True).stops
    assert not each.finding(None, "too much", only_warns=True).stops


def test_the_documentation_has_every_check_and_what_it_stops() -> None:
    table = DOCUMENTATION.split("## The checks")[1].split("\n## ")[0]
    rows = [row.split("|")[1:-1] for row in table.splitlines() if row.startswith("| `")]
    assert [name.strip("` ") for name, *_ in rows] == [each.name for each in ALL_CHECKS]
    for each, (*_, stops) in zip(ALL_CHECKS, rows, strict=True):
        assert stops.strip().startswith(each.stops.value), each.name


def test_every_default_that_the_documentation_names_is_the_bounds() -> None:
    defaults = {f"SENSE_{name.upper()}": f.default for name, f in Bounds.model_fields.items()}
    named = dict(re.findall(r"`(SENSE_[A-Z_]+)` \(([^);]+)", DOCUMENTATION))
    assert named == {
        name: str(default).lower() if isinstance(default, bool) else f"{default:,}"
        for name, default in defaults.items()
    }
