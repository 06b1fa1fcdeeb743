"""An issue of every code, with facts such as the product gives them."""

from collections.abc import Mapping

from tasks.billing.issue import Fact, Issue, IssueCode, Severity

Facts = Mapping[str, Fact]

SAID: Facts = {"said": "POST /documents was answered with 400"}
LINE: Facts = {"service_id": "S1", "quantity": "2", "unit_price": "68.33", "net_cents": 13_666}
SUM: Facts = {
    "customers": {
        "count": 12,
        "is_rest": True,
        "net_cents": 120_000,
        "largest": [{"customer_number": "K1", "net_cents": 90_000}],
        "more_count": 11,
    }
}
FACTS: Mapping[IssueCode, Facts] = {
    IssueCode.ROW_INVALID: {
        "relation": "invoicing_services",
        "row": "S1",
        "column": "quantity",
        "value": "-3",
        "expected": "more than 0",
    },
    IssueCode.CUSTOMER_NOT_LISTED: {"relation": "invoicing_customers"},
    IssueCode.VAT_CONTRADICTION: {
        "column": "vat_percent",
        "vat_percent": "20",
        "vat_option": "IG",
    },
    IssueCode.NOT_IN_EASYBILL: {"known": ["number='K1'", "company_name='Weiß GmbH'"]},
    IssueCode.DUPLICATED_IN_EASYBILL: {"ids": ["5", "6"]},
    IssueCode.FILE_SPOILED: {"path": "exports/2026-10/K1.csv"},
    IssueCode.DRAFT_DIFFERS: {"changed": ["S1"], "vanished": ["S2", "S3"]},
    IssueCode.AMOUNTS_DIFFER: {
        "theirs_net_cents": 13_666,
        "theirs_gross_cents": 16_263,
        "ours_net_cents": 13_667,
        "ours_gross_cents": 16_264,
    },
    IssueCode.FILE_ELSEWHERE: {"attachment_id": 7},
    IssueCode.DOCUMENTS_DUPLICATED: {"ids": ["8", "9"]},
    IssueCode.DOCUMENTS_ORPHANED: {"ids": ["8"], "external_id": "oms:2026-10:K1"},
    IssueCode.DRAFT_OUTDATED: {"changed": ["S1"], "vanished": [], "new": ["S9"]},
    IssueCode.MONTH_STILL_RUNS: {"last_day": "2026-10-31"},
    IssueCode.MONTH_NEVER_RUN: {"account": "main"},
    IssueCode.MONTH_HELD: {"holder": "monthly-invoicing 2026-10"},
    IssueCode.UNEXPECTED: {"error": "TypeError", "said": "no filter"},
    IssueCode.LINE_NET: {"lines": [LINE, LINE], "more_count": 3, "bound_eur": 10_000},
    IssueCode.INVOICE_NET: {"net_cents": 13_666, "bound_eur": 100},
    IssueCode.LINE_COUNT: {"line_count": 3_001, "bound_count": 3_000},
    IssueCode.MONTH_NET: {"net_cents": 13_666, "bound_eur": 100},
    IssueCode.MONTH_CHANGE: {
        "net_cents": 13_666,
        "before_cents": 2_000,
        "before_month": "2026-09",
        "bound_percent": 50,
    },
    IssueCode.UNUSUAL_TOTAL: {
        "net_cents": 13_666,
        "usual_cents": 2_000,
        "months": ["2026-08", "2026-09"],
    },
    IssueCode.NET_NOT_POSITIVE: {"line_count": 1, "net_cents": 0},
    IssueCode.DUPLICATES: {
        "worth_cents": 6_833,
        "groups": [
            {
                "service_ids": ["S1", "S2"],
                "more_count": 0,
                "day": "2026-10-05",
                "title": "Beratung",
                "quantity": "1",
                "unit_price": "68.33",
            }
        ],
        "more_count": 0,
    },
    IssueCode.FIRST_TIME: {"net_cents": 7_000},
    IssueCode.GONE_QUIET: {"net_cents": 7_000, "before_month": "2026-09"},
    IssueCode.MIXED_VAT: {"service_count": 1, "service_ids": ["S1"], "more_count": 0},
    IssueCode.NO_VAT_ID: {
        "vat_option": "revc",
        "rule": "BR-AE-02",
        "is_in_easybill": True,
        "known": "ATU1",
    },
}


def issue_of(code: IssueCode, facts: Facts | None = None) -> Issue:
    """An issue of this code; what easybill or a database said where the code has no other facts."""
    given = FACTS.get(code, SAID) if facts is None else facts
    number = None if code.meaning.severity is Severity.STOPS_RUN else "K1"
    return Issue(code, number, "2026-10", service_id="S1", document_id=8, facts=given)
