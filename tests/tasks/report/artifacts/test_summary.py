"""The summary as Prefect's UI gets it, to the letter."""

from tasks.billing.issue import Kind
from tasks.report.artifacts.summary import headline, summary
from tasks.report.month_report import MonthTotals
from tasks.report.reconcile import Amounts, ReconciledRow, Reconciliation
from tests.tasks.months import draft, failure, full_month, month_report, totals

GOLDEN = """\
# 2026-10: 2 drafts, net 3,000.00, 2 customers not invoiced

| | |
| --- | ---: |
| Customers invoiced | 2 |
| without services | 2 |
| failed | 1 |
| conflicts | 1 |
| Net | 3,000.00 |
| VAT | 570.00 |
| Gross | 3,570.00 |
| Net against 2026-09 (2,400.00) | +600.00 (+25.0%) |

## Not invoiced

- **K8** K8 GmbH: easybill has several customers with number K8 \\(ids 1, 2\\). Merge them in easybill, then run the month again
- **K9** K9 GmbH: draft 9 was deleted in easybill. Leave it, or run the month with recreate\\_deleted to bill its services again

**Reconciliation**: OMS, CSVs and easybill agree to the cent: net 3,000.00, gross 3,570.00.

## To be looked at

- **invoice\\_net:K9** (stops): net 900,000\\.00 is above 100,000 \\(SENSE\\_INVOICE\\_NET\\_EUR\\)
- **first\\_time:K2** (warning): billed for the first time, net 500\\.00

**Late**: 2026\\-09: 3 lines of 1 customer in no draft, net 12\\.50. A run with \
`bill_late` bills them as drafts of their month.

**Never run**: 2026-07. A run with that `month` catches up.

Files: `exports/2026-10`. The same for the accountant: `exports/2026-10/report.html`. easybill \
account: main.
"""  # noqa: E501 - as people read it


def test_a_month_with_something_of_everything_reads_like_this() -> None:
    assert summary(full_month()) == GOLDEN


def test_a_quiet_month_says_no_more_than_it_has_to() -> None:
    text = summary(month_report(draft()))
    assert text.startswith("# 2026-10: 1 draft, net 100.00\n")
    for silent in ("Late", "Never run", "looked at", "Not invoiced", "Month", "stopped", "against"):
        assert silent not in text


def test_a_preview_says_that_nothing_was_sent_and_nothing_of_easybill() -> None:
    report = month_report(draft(document_id=None, state="previewed"), preview=True)
    assert headline(report) == "2026-10: preview of 1 draft, nothing sent, net 100.00"
    assert "OMS and CSVs agree to the cent" in summary(report)


def test_a_cent_that_differs_is_named_with_its_customer() -> None:
    amounts = Amounts(10_000, 11_900)
    wrong = ReconciledRow("K*1", 1, amounts, amounts, Amounts(10_001, 11_901), "1 cent | more")
    text = summary(month_report(draft(), reconciliation=Reconciliation((wrong,))))
    assert "**The amounts do not agree**: 1 draft of 1: K\\*1: 1 cent \\| more." in text


def test_a_difference_that_is_explained_is_no_alarm() -> None:
    amounts = Amounts(10_000, 11_900)
    edited = ReconciledRow("K1", 1, amounts, amounts, Amounts(1, 1), "1 cent", "edited")
    text = summary(month_report(draft(), reconciliation=Reconciliation((edited,))))
    assert "agree to the cent" in text
    assert "1 draft differs for a known reason" in text


def test_what_could_not_be_read_is_not_called_reconciled() -> None:
    text = summary(month_report(reconciliation=Reconciliation((), unread="no answer")))
    assert "**Not reconciled**: no answer" in text
    assert "agree" not in text


def test_it_is_compared_with_the_month_before_and_with_no_other() -> None:
    earlier: tuple[MonthTotals, ...] = (totals("2026-08", 1, 5_000),)
    assert "against" not in summary(month_report(draft(), earlier=earlier))
    earlier = (*earlier, totals("2026-09", 1, 0))
    assert "| Net against 2026-09 (0.00) | +100.00 |" in summary(
        month_report(draft(), earlier=earlier)
    )


def test_a_month_that_fell_has_a_minus() -> None:
    earlier = (totals("2026-09", 1, 20_000),)
    assert "| -100.00 (-50.0%) |" in summary(month_report(draft(), earlier=earlier))


def test_every_kind_of_open_customer_is_counted_apart() -> None:
    kinds = (Kind.FAILED, Kind.STOPPED, Kind.STOPPED, Kind.NOT_RUN)
    failures = tuple(failure(f"K{n}", kind) for n, kind in enumerate(kinds))
    text = summary(month_report(failures=failures))
    for row in ("| failed | 1 |", "| stopped by a check | 2 |", "| not run yet | 1 |"):
        assert row in text


def test_ten_failures_are_named_and_the_rest_counted() -> None:
    text = summary(month_report(failures=tuple(failure(f"K{n}") for n in range(10, 22))))
    assert text.count("- **K") == 10
    assert "- and 2 more in the table of failures" in text
