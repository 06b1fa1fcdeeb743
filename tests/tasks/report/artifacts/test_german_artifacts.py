"""The artifacts in the accountant's language."""

from dataclasses import replace
from uuid import UUID

from tasks.billing.issue import Kind
from tasks.report.artifacts.publish import artifacts_of
from tasks.report.artifacts.summary import headline, summary
from tasks.report.artifacts.tables import drafts_table, failures_table, findings_table
from tasks.report.month_report import MonthReport
from tasks.report.reconcile import Amounts, ReconciledRow, Reconciliation
from tests.german import english_left_in
from tests.tasks.months import draft, failure, full_month, month_report


def german(report: MonthReport) -> MonthReport:
    return replace(report, language="de")


def said_in(report: MonthReport) -> str:
    """All that its artifacts say, but for the names of files and codes."""
    made = artifacts_of(german(report), UUID(int=1))
    text = "\n".join(f"{artifact.description}\n{artifact.data}" for artifact in made)
    return text.replace("\xa0", " ").replace("\\", "")


def test_no_english_word_is_left_in_the_artifacts_of_a_month() -> None:
    many = tuple(failure(f"K{n}", kind) for n in range(10, 16) for kind in Kind)
    amounts = Amounts(104_579_105, 124_449_135)
    wrong = ReconciledRow("K1", 2, amounts, None, Amounts(1, 1), "the OMS says more")
    unlike = Reconciliation(tuple([wrong] * 7))
    unread = Reconciliation((), unread="504")
    for report in (
        full_month(),
        month_report(draft(), failures=many, reconciliation=unlike),
        month_report(draft(), reconciliation=unread),
        month_report(draft(document_id=None, state="previewed"), preview=True),
        month_report(*(draft(f"K{n}") for n in range(501))),
    ):
        assert english_left_in(said_in(report)) == []


def test_the_summary_has_german_amounts_months_and_percents() -> None:
    report = german(full_month())
    text = summary(report).replace("\xa0", " ")
    for words in (
        "# Oktober 2026: 2 Entwürfe, netto 3.000,00 €, 2 Kunden nicht abgerechnet",
        "| Netto gegenüber September 2026 (2.400,00 €) | +600,00 € (+25,0 %) |",
        "OMS, CSVs und easybill stimmen auf den Cent überein: netto 3.000,00 €",
        "**Nie gelaufen**: Juli 2026.",
    ):
        assert words in text
    preview = german(month_report(draft(document_id=None, state="previewed"), preview=True))
    assert headline(preview).replace("\xa0", " ") == (
        "Oktober 2026: Vorschau, nichts gesendet: 1 Entwurf, netto 100,00 €"
    )


def test_the_tables_have_german_columns_and_states() -> None:
    report = german(full_month())
    row = drafts_table(report).rows[0]
    assert list(row) == [
        *("Kunde", "Name", "Zeilen", "netto", "brutto", "ID in easybill", "Zustand", "Nr.", "Link")
    ]
    assert row["Zustand"] == "Entwurf"
    assert failures_table(report).rows[0]["Art"] == "fehlgeschlagen"
    assert findings_table(report).rows[0]["Gewicht"] == "hält an"
    assert failures_table(report).about == "Oktober 2026: 2 Kunden nicht abgerechnet"
