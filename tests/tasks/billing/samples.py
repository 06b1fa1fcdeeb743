"""An issue of every code, with facts such as the product gives them."""

from collections.abc import Mapping

import httpx

from blocks.easybill.answers import error_of
from blocks.easybill.errors import EasybillError, Unavailable
from blocks.easybill.models import UnreadableEntry
from blocks.ledger.errors import (
    AlreadyBilled,
    LeaseLost,
    LedgerConflict,
    LedgerUnavailable,
    NotPermitted,
)
from blocks.oms.contract import SERVICES
from blocks.oms.errors import OmsContractBroken, OmsUnavailable
from tasks.billing.issue import Fact, Issue, IssueCode, Severity
from tasks.run import failures

Facts = Mapping[str, Fact]

PAGE = "<html><head><title>Error</title></head></html>"
FIELDS_EMPTY = '{"code": 20000, "message": "Bitte füllen Sie alle Felder aus.", "arguments": %s}'


def answered(method: str, path: str, status: int, text: str = PAGE) -> EasybillError:
    """The error that such an answer of easybill means."""
    answer = httpx.Response(status, text=text, headers={"Content-Type": "text/html"})
    return error_of(method, path, answer, answer.content, "key")


ERRORS = (
    answered("POST", "/documents", 400, FIELDS_EMPTY % '["customer_id"]'),
    answered("POST", "/attachments", 403),
    UnreadableEntry(id=8, external_id="oms:2026-10:K1").error("document"),
    answered("GET", "/logins", 401, '{"message": "Unauthorized"}'),
    answered("POST", "/documents", 502),
    Unavailable(
        "POST /documents was not sent: easybill could not be reached"
        " (ConnectError: [Errno 111] Connection refused)."
    ),
    AlreadyBilled("S1", "service", "2026-09", "K1", 1),
    LedgerConflict(
        "Export 1 of customer K1 for 2026-10 was read as 'planned', but has changed since"
        " (now 'sending'): another run works on it. Read it again before going on."
    ),
    NotPermitted(
        "Export 1 of customer K1 for 2026-10 is delivered, draft: there:"
        " 'create the draft' is not permitted there"
    ),
    LedgerUnavailable(
        "The ledger at db:5432/ledger does not answer: Connection refused."
        " Start its database or correct LEDGER_DATABASE_URL, then run again."
    ),
    LeaseLost("2026-10", "monthly-invoicing 2026-10"),
    OmsUnavailable(
        "The OMS database at db is not available: Connection refused."
        " Check OMS_DATABASE_URL and the server."
    ),
    OmsContractBroken(
        "The OMS database can't be read as agreed: no such table: invoicing_services."
        " Check the two relations and the right to select from them."
    ),
    TypeError("'NoneType' object is not iterable"),
)
(QUANTITY,) = (column for column in SERVICES.columns if column.name == "quantity")
LINE: Facts = {"service_id": "S1", "quantity": "200", "unit_price": "68.33", "net_cents": 1_366_600}
FACTS: Mapping[IssueCode, Facts] = {
    **{issue.code: issue.facts for issue in map(failures.issue_of, ERRORS)},
    IssueCode.ROW_INVALID: {
        "relation": SERVICES.name,
        "row": "S1",
        "column": QUANTITY.name,
        "value": "-3",
        "expected": QUANTITY.expected,
    },
    IssueCode.FILE_NOT_WRITTEN: {
        "said": "exports/2026-10/K1.csv could not be written: No space left on device"
    },
    IssueCode.CUSTOMER_NOT_LISTED: {"relation": "invoicing_customers"},
    IssueCode.VAT_CONTRADICTION: {
        "column": "vat_percent",
        "vat_percent": "20",
        "vat_option": "IG",
    },
    IssueCode.NOT_IN_EASYBILL: {"known": ["number='K1'", "company_name='Weiß GmbH'"]},
    IssueCode.DUPLICATED_IN_EASYBILL: {"ids": ["5", "6"]},
    IssueCode.CREATION_REFUSED: {
        "said": str(answered("POST", "/customers", 400, FIELDS_EMPTY % '["last_name"]'))
    },
    IssueCode.CREATION_IN_DOUBT: {"said": str(answered("POST", "/customers", 504))},
    IssueCode.NOT_IN_LAYOUT: {
        "row": "2",
        "column": "Bezeichnung",
        "value": "'Wartung №'",
        "expected": "a text that ISO-8859-1 can hold",
    },
    IssueCode.FILE_NOT_BUILT: {"said": "[Errno 28] No space left on device"},
    IssueCode.FILE_SPOILED: {"path": "exports/2026-10/K1.csv"},
    IssueCode.FILE_NOT_AS_SENT: {"path": "exports/2026-10/K1.csv"},
    IssueCode.DRAFT_UNFINISHED: {"said": None},
    IssueCode.DRAFT_DIFFERS: {"changed": ["S1"], "vanished": ["S2", "S3"]},
    IssueCode.AMOUNTS_DIFFER: {
        "theirs_net_cents": 13_666,
        "theirs_gross_cents": 16_263,
        "ours_net_cents": 13_667,
        "ours_gross_cents": 16_264,
    },
    IssueCode.FILE_ELSEWHERE: {"attachment_id": 7},
    IssueCode.FINALISED_OVERWRITTEN: {"edited_at": "2026-11-03 09:12:44"},
    IssueCode.DOCUMENT_UNCLEAR: {"positions": ["BER Beratung"]},
    IssueCode.BILLED_IN_OTHER_MONTH: {"other_month": "2026-09", "services": ["S1"]},
    IssueCode.NOT_ACCEPTABLE: {"why": "it is another customer's in easybill"},
    IssueCode.DOCUMENTS_DUPLICATED: {"ids": ["8", "9"]},
    IssueCode.DOCUMENTS_ORPHANED: {"ids": ["8"], "external_id": "oms:2026-10:K1"},
    IssueCode.DRAFT_OUTDATED: {"changed": ["S1"], "vanished": [], "new": ["S9"]},
    IssueCode.MONTH_STILL_RUNS: {"last_day": "2026-10-31"},
    IssueCode.MONTH_NEVER_RUN: {"account": "main"},
    IssueCode.SETTINGS_WRONG: {
        "said": "No block easybillaccount/easybill is saved, and the environment makes none:"
        " EASYBILL_API_KEY is missing: set it in the environment or in .env."
        " Then run `python -m blocks.register`."
    },
    IssueCode.MONTH_NOT_OVER: {"last_day": "2026-10-31"},
    IssueCode.MONTH_BEFORE_FIRST: {"first": "2026-11"},
    IssueCode.DRAFT_WITHDRAWN: {"flow_run_id": "0197f2c4-6a1e-7b3d-9c55-2f0d8e41a6b7"},
    IssueCode.MONTH_HELD: {"holder": "monthly-invoicing 2026-10"},
    IssueCode.LINE_NET: {
        "lines": [LINE, {**LINE, "service_id": "S2"}, {**LINE, "service_id": "S3"}],
        "more_count": 2,
        "bound_eur": 10_000,
    },
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
    IssueCode.INVOICE_CANCELLED: {"service_ids": ["S1", "S2"], "more_count": 0, "net_cents": 7_000},
    IssueCode.FIRST_TIME: {"net_cents": 7_000},
    IssueCode.GONE_QUIET: {"net_cents": 7_000, "before_month": "2026-09"},
    IssueCode.NO_ADDRESS: {
        "missing": ["street"],
        "is_in_easybill": True,
        "in_easybill": "50667 Köln",
        "in_oms": "Domweg 1, 50667 Köln",
    },
    IssueCode.MIXED_VAT: {"service_ids": ["S1"], "more_count": 0},
    IssueCode.VAT_ID_WRONG: {"vat_id": "DE136695970", "is_in_easybill": True},
    IssueCode.BUYER_REFERENCE_WRONG: {"buyer_reference": "04011000-12", "is_in_easybill": False},
    IssueCode.NO_VAT_ID: {
        "vat_option": "revc",
        "rule": "BR-AE-02",
        "is_in_easybill": True,
        "known": "ATU12345678",
    },
}


def a_sum_of(count: int, *, is_rest: bool) -> Facts:
    """The facts of an issue that sums customers up."""
    return {
        "customers": {
            "count": count,
            "is_rest": is_rest,
            "net_cents": 120_000,
            "largest": [{"customer_number": "K1", "net_cents": 90_000}],
            "more_count": count - 1,
            "numbers": [f"K{place}" for place in range(1, count + 1)],
        }
    }


def issue_of(code: IssueCode, facts: Facts | None = None) -> Issue:
    """An issue of this code, with these facts or the sample's."""
    given = FACTS.get(code, {}) if facts is None else facts
    number = None if code.meaning.severity is Severity.STOPS_RUN else "K1"
    return Issue(code, number, "2026-10", service_id="S1", document_id=8, facts=given)
