"""The tables as Prefect's UI gets them."""

import json

from tasks.billing.issue import Issue, IssueCode, Kind
from tasks.report.artifacts.tables import (
    ROWS_AT_MOST,
    drafts_table,
    failures_table,
    findings_table,
    tables,
)
from tests.tasks.months import draft, failure, full_month, month_report


def test_a_draft_is_a_row_with_its_amounts_its_id_and_its_link() -> None:
    row = draft("K1", 123_456, url="https://app.easybill.de/4711")
    assert drafts_table(month_report(row)).rows == (
        {
            "customer": "K1",
            "name": "K1 GmbH",
            "lines": 2,
            "net": "1,234.56",
            "gross": "1,469.12",
            "easybill id": 4711,
            "state": "draft",
            "no.": 1,
            "link": "https://app.easybill.de/4711",
        },
    )


def test_a_failure_is_a_row_with_its_reason_and_the_next_step() -> None:
    assert failures_table(
        month_report(failures=(failure(line_count=None, net_cents=None),))
    ).rows == (
        {
            "customer": "K8",
            "kind": "failed",
            "code": "duplicated_in_easybill",
            "reason": "easybill has several customers with number K8 (ids 1, 2)",
            "next step": "Merge them in easybill, then run the month again",
            "name": "K8 GmbH",
            "lines": "",
            "net": "",
        },
    )


def test_a_finding_is_a_row_with_the_name_that_lets_it_through() -> None:
    stop = Issue(IssueCode.MONTH_NET, facts={"net_cents": 20_000, "bound_eur": 100})
    warning = Issue(IssueCode.FIRST_TIME, "K1", facts={"net_cents": 500})
    assert findings_table(month_report(findings=(warning, stop))).rows == (
        {
            "weight": "stops",
            "check": "month_net",
            "customer": "",
            "finding": "the month's net 200.00 is above 100 (SENSE_MONTH_NET_EUR)",
        },
        {
            "weight": "warning",
            "check": "first_time:K1",
            "customer": "K1",
            "finding": "billed for the first time, net 5.00",
        },
    )


def test_drafts_that_somebody_changed_come_first_then_the_largest() -> None:
    rows = drafts_table(
        month_report(draft("K1", 1), draft("K2", 3), draft("K3", 2), draft("K4", 0, state="edited"))
    ).rows
    assert [row["customer"] for row in rows] == ["K4", "K2", "K3", "K1"]


def test_failures_come_by_kind_the_largest_first() -> None:
    failures = (
        failure("K1", Kind.NOT_RUN),
        failure("K2", Kind.CONFLICT),
        failure("K3", net_cents=None),
        failure("K4", Kind.STOPPED),
        failure("K5", net_cents=1),
    )
    rows = failures_table(month_report(failures=failures)).rows
    assert [row["customer"] for row in rows] == ["K5", "K3", "K4", "K2", "K1"]


def test_a_long_table_is_cut_and_says_where_the_rest_is() -> None:
    table = drafts_table(month_report(*(draft(f"K{n}", n) for n in range(ROWS_AT_MOST + 1))))
    assert len(table.rows) == ROWS_AT_MOST
    assert table.rows[0]["customer"] == f"K{ROWS_AT_MOST}"
    assert table.about == (
        "2026-10: 501 drafts; here the first 500, all of them in exports/2026-10/report.html"
    )
    whole = drafts_table(month_report(*(draft(f"K{n}", n) for n in range(ROWS_AT_MOST))))
    assert whole.about == "2026-10: 500 drafts"


def test_the_rows_are_kept_as_json_that_the_ui_reads() -> None:
    for table in tables(full_month()):
        assert json.loads(table.data) == list(table.rows)


def test_a_long_name_does_not_push_the_amounts_out_of_sight() -> None:
    (row,) = drafts_table(month_report(draft(name="Größe " * 20))).rows
    assert row["name"] == "Größe Größe Größe Größe Größe Größe Grö…"
