"""Identifiers that cannot be right, and customers that are archived."""

from dataclasses import replace

import pytest

from tasks.billing.matches import MatchedCustomer
from tasks.billing.wording import text_of
from tasks.checks.identifiers import buyer_reference_wrong, customer_archived, vat_id_wrong
from tests.tasks.months_to_check import line, names, october

# 991-33333TEST-33 and DE136695976 have the right check digits.
RIGHT_VAT_ID, WRONG_VAT_ID = "DE136695976", "DE136695970"
RIGHT_LEITWEG_ID, WRONG_LEITWEG_ID = "991-33333TEST-33", "991-33333TEST-34"


@pytest.mark.parametrize(
    ("in_oms", "in_easybill", "is_found"),
    [
        (WRONG_VAT_ID, None, True),
        (RIGHT_VAT_ID, WRONG_VAT_ID, True),
        (WRONG_VAT_ID, RIGHT_VAT_ID, False),
        ("DE123", "", True),
        ("CHE-123.456.788", None, False),
        (None, None, False),
    ],
)
def test_a_vat_id_that_cannot_be_right_is_found(
    in_oms: str | None, in_easybill: str | None, is_found: bool
) -> None:
    month = october({"K1": (line(),)}, customers={"K1": {"vat_id": in_oms}})
    if in_easybill is not None:
        month = replace(month, in_easybill={"K1": MatchedCustomer(1, vat_id=in_easybill)})
    assert names(vat_id_wrong(month)) == (["vat_id_wrong:K1"] if is_found else [])


@pytest.mark.parametrize(
    ("reference", "is_found"),
    [
        (WRONG_LEITWEG_ID, True),
        (RIGHT_LEITWEG_ID, False),
        ("Abteilung 7", False),
        ("PO-2026-10", False),
        (None, False),
    ],
)
def test_a_leitweg_id_that_cannot_be_right_is_found(reference: str | None, is_found: bool) -> None:
    month = october({"K1": (line(),)}, customers={"K1": {"buyer_reference": reference}})
    assert names(buyer_reference_wrong(month)) == (["buyer_reference_wrong:K1"] if is_found else [])


def test_easybills_leitweg_id_counts_where_the_oms_has_none() -> None:
    month = october({"K1": (line(),)}, in_easybill={"K1": {"buyer_reference": WRONG_LEITWEG_ID}})
    (finding,) = buyer_reference_wrong(month)
    assert "in easybill cannot be right" in text_of(finding)


def test_a_customer_that_is_archived_is_found() -> None:
    month = october({"K1": (line(),), "K2": (line("S2"),)}, in_easybill={"K2": {}})
    archived = {**month.in_easybill, "K1": MatchedCustomer(1, is_archived=True)}
    assert names(customer_archived(replace(month, in_easybill=archived))) == [
        "customer_archived:K1"
    ]
