"""Made-up months for the tests of the checks."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from blocks.bounds.bounds import Bounds
from blocks.ledger.records import CustomerTotals
from tasks.billing.address import Address
from tasks.billing.invoice import Customer
from tasks.billing.issue import Issue, IssueCode
from tasks.billing.line_item import LineItem
from tasks.billing.matches import MatchedCustomer
from tasks.checks.month_to_check import MonthToCheck, month_to_check
from tasks.load.month_of_services import MonthOfServices
from tests.tasks.billing.test_invoice import LINE, OCTOBER
from tests.world import ADDRESS


def line(service_id: str = "S1", price: str = "100.00", **changes: Any) -> LineItem:
    """One service of 100.00 at 19 %, unless told otherwise."""
    fields = {"vat_percent": Decimal(19), "unit_price_net": Decimal(price), **changes}
    return replace(LINE, service_id=service_id, **fields)


def totals(month: str, **net_eur: int) -> list[CustomerTotals]:
    """What the drafts of an earlier month came to: `totals("2026-09", K1=100)`."""
    return [
        CustomerTotals(month, number, 1, 1, net * 100, net * 119) for number, net in net_eur.items()
    ]


def october(
    lines: Mapping[str, tuple[LineItem, ...]],
    *before: CustomerTotals,
    customers: Mapping[str, Mapping[str, Any]] | None = None,
    in_easybill: Mapping[str, Mapping[str, Any]] | None = None,
    refused: tuple[str, ...] = (),
    is_over: bool = True,
    **bounds: Any,
) -> MonthToCheck:
    """October 2026 of these customers; further columns and easybill's fields by number.

    Each has the same address, in the OMS and in easybill, unless told otherwise.
    """
    columns = customers or {}
    loaded = MonthOfServices(
        OCTOBER,
        {number: Customer(number, **{**ADDRESS, **columns.get(number, {})}) for number in lines},
        lines,
        dict.fromkeys(refused, (Issue(IssueCode.ROW_INVALID),)),
    )
    theirs = {
        number: MatchedCustomer(1, **{"address": Address(**ADDRESS), **fields})
        for number, fields in (in_easybill or {}).items()
    }
    return month_to_check(loaded, before, theirs, Bounds(**bounds), is_over=is_over)


def names(findings: list[Issue]) -> list[str]:
    return [finding.name for finding in findings]
