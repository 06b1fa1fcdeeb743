"""What an e-invoice does not allow."""

from decimal import Decimal

import pytest

from tasks.billing.wording import text_of
from tasks.checks.all_checks import findings_of
from tasks.checks.e_invoice import mixed_vat, no_buyer_reference, no_vat_id
from tests.tasks.months_to_check import line, names, october

UNTAXED = line("S2", price="50", vat_percent=Decimal(0))


def test_br_o_11_and_12_a_line_without_vat_beside_taxed_ones_is_found() -> None:
    (finding,) = mixed_vat(october({"K1": (line(), UNTAXED)}))
    assert (finding.name, finding.stops) == ("mixed_vat:K1", False)
    assert "service S2" in text_of(finding)
    assert "BR-O-11, BR-O-12" in text_of(finding)


def test_lines_all_taxed_or_all_untaxed_are_allowed_together() -> None:
    reduced = line("S3", vat_percent=Decimal(7))
    assert mixed_vat(october({"K1": (line(), reduced), "K2": (UNTAXED,)})) == []


@pytest.mark.parametrize(("option", "rule"), [("revc", "BR-AE-02"), ("IG", "BR-IC-02")])
def test_br_ae_02_and_br_ic_02_a_missing_vat_id_of_the_buyer_is_found(
    option: str, rule: str
) -> None:
    month = october({"K1": (UNTAXED,)}, customers={"K1": {"vat_option": option}})
    (finding,) = no_vat_id(month)
    assert (finding.name, finding.stops) == ("no_vat_id:K1", False)
    assert f"the OMS lacks the customer's VAT id ({rule})" in text_of(finding)


def test_easybills_vat_id_counts_because_the_invoice_has_it() -> None:
    customers = {"K1": {"vat_option": "revc", "vat_id": "ATU1"}, "K2": {"vat_option": "revc"}}
    month = october(
        {"K1": (UNTAXED,), "K2": (UNTAXED,)},
        customers=customers,
        in_easybill={"K1": {"vat_id": " "}, "K2": {"vat_id": "ATU2"}},
    )
    (finding,) = no_vat_id(month)
    assert finding.name == "no_vat_id:K1"
    assert text_of(finding).endswith("(BR-AE-02); the OMS has ATU1")


@pytest.mark.parametrize("option", [None, "AL", "nStb", "smallBusiness"])
def test_other_customers_need_no_vat_id(option: str | None) -> None:
    columns = {"vat_option": option} if option else {}
    assert no_vat_id(october({"K1": (UNTAXED,)}, customers={"K1": columns})) == []


@pytest.mark.parametrize(
    "kind", ["xrechnung2_1_xml", "xrechnung2_2_xml", "xrechnung2_3_xml", "xrechnung3_0_xml"]
)
def test_br_de_15_an_xrechnung_without_buyer_reference_is_found(kind: str) -> None:
    month = october({"K1": (line(),)}, in_easybill={"K1": {"document_pdf_type": kind}})
    (finding,) = no_buyer_reference(month)
    assert (finding.name, finding.stops) == ("no_buyer_reference:K1", False)
    assert "BR-DE-15" in text_of(finding)


def test_a_buyer_reference_of_either_side_is_enough() -> None:
    kind = {"document_pdf_type": "xrechnung3_0_xml"}
    month = october(
        {"K1": (line(),), "K2": (line("S2"),)},
        customers={"K1": {"buyer_reference": "04011000-1"}},
        in_easybill={"K1": kind, "K2": {**kind, "buyer_reference": "04011000-2"}},
    )
    assert no_buyer_reference(month) == []


@pytest.mark.parametrize("kind", ["default", "zugferd1", "zugferd2_2"])
def test_other_documents_need_no_buyer_reference(kind: str) -> None:
    month = october({"K1": (line(),)}, in_easybill={"K1": {"document_pdf_type": kind}})
    assert no_buyer_reference(month) == []


def test_the_checks_for_e_invoices_can_be_switched_off() -> None:
    lines = {"K1": (line(), UNTAXED)}
    assert "mixed_vat:K1" in names(list(findings_of(october(lines))))
    assert names(list(findings_of(october(lines, e_invoice=False)))) == ["no_history"]
