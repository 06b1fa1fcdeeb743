"""Each check is named as its code; what it can stop is declared with the code."""

import re
from types import FunctionType

import pytest

from blocks.bounds.bounds import Bounds
from tasks.billing.issue import Issue, IssueCode, Severity
from tasks.checks import addresses, e_invoice, identifiers, lines, totals
from tasks.checks.all_checks import ALL_CHECKS, Check
from tasks.checks.let_through import known_name
from tests.shared import ROOT

DOCUMENTATION = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
STOPS = {
    Severity.WARNS: "warns",
    Severity.STOPS_CUSTOMER: "stops the customer",
    Severity.STOPS_RUN: "stops the run",
}


def code_of(check: Check) -> IssueCode:
    return IssueCode(check.__name__)


def test_every_check_that_is_defined_is_made() -> None:
    defined = [
        found.__name__
        for module in (lines, totals, e_invoice, identifiers, addresses)
        for found in vars(module).values()
        if isinstance(found, FunctionType)
        and found.__module__ == module.__name__
        and not found.__name__.startswith("_")
    ]
    assert sorted(defined) == sorted(check.__name__ for check in ALL_CHECKS)


@pytest.mark.parametrize("check", ALL_CHECKS, ids=lambda check: check.__name__)
def test_whatever_stops_can_be_let_through_by_its_name(check: Check) -> None:
    severity = code_of(check).meaning.severity
    customer_number = None if severity is Severity.STOPS_RUN else "K1"
    finding = Issue(code_of(check), customer_number)
    if finding.stops:
        assert known_name(finding.name) == finding.name
    else:
        with pytest.raises(ValueError, match="lets nothing through"):
            known_name(finding.name)
    assert not Issue(code_of(check), customer_number, only_warns=True).stops


def test_the_documentation_has_every_check_and_what_it_stops() -> None:
    table = DOCUMENTATION.split("## The checks")[1].split("\n## ")[0]
    rows = [row.split("|")[1:-1] for row in table.splitlines() if row.startswith("| `")]
    assert [name.strip("` ") for name, *_ in rows] == [code_of(check) for check in ALL_CHECKS]
    for check, (*_, stops) in zip(ALL_CHECKS, rows, strict=True):
        severity = code_of(check).meaning.severity
        assert stops.strip().startswith(STOPS[severity]), check.__name__


def test_every_default_that_the_documentation_names_is_the_bounds() -> None:
    defaults = {f"SENSE_{name.upper()}": f.default for name, f in Bounds.model_fields.items()}
    named = dict(re.findall(r"`(SENSE_[A-Z_]+)` \(([^);]+)", DOCUMENTATION))
    assert named == {
        name: str(default).lower() if isinstance(default, bool) else f"{default:,}"
        for name, default in defaults.items()
    }
