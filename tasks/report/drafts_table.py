"""The month's drafts as a spreadsheet, `drafts.xlsx`: real numbers, and no text is a formula."""

from datetime import datetime
from decimal import Decimal
from io import BytesIO

from xlsxwriter import Workbook  # type: ignore[import-untyped]  # it has no marker of its types

from tasks.billing.invoice import file_stem
from tasks.report.month_report import DraftRow, MonthReport

_WIDTHS = (14, 40, 8, 14, 14, 14, 14, 14, 48)


def drafts_table(report: MonthReport, changed_at: datetime) -> bytes:
    """A row per draft with its amounts, and the sums of those that are not deleted below.

    The same report at the same time yields the same bytes.
    """
    content, say = BytesIO(), report.speech.say
    with Workbook(content, {"in_memory": True}) as book:
        book.set_properties({"created": changed_at.replace(tzinfo=None)})
        sheet = book.add_worksheet(say("Drafts"))
        bold = book.add_format({"bold": True})
        heads = ("Customer", "Name", "Lines", "Net", "VAT", "Gross", "State", "Document", "Link")
        for place, (head, width) in enumerate(zip(heads, _WIDTHS, strict=True)):
            sheet.write_string(0, place, say(head), bold)
            sheet.set_column(place, place, width)
        money = book.add_format({"num_format": "#,##0.00"})
        for row, draft in enumerate(report.drafts, start=1):
            _write(sheet, row, draft, say(draft.state), money)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(report.drafts), len(heads) - 1)
        sums = book.add_format({"bold": True, "num_format": "#,##0.00"})
        totals, last = report.totals, len(report.drafts) + 1
        sheet.write_number(last, 2, totals.line_count, bold)
        vat_cents = totals.gross_cents - totals.net_cents
        for place, cents in enumerate((totals.net_cents, vat_cents, totals.gross_cents), start=3):
            sheet.write_number(last, place, Decimal(cents).scaleb(-2), sums)
    return content.getvalue()


def _write(sheet: "Workbook", row: int, draft: DraftRow, state: str, money: object) -> None:
    name = file_stem(draft.customer_number, draft.sequence)
    # As a string, whatever it begins with is no formula and no link.
    for place, text in ((0, name), (1, draft.name), (6, state), (8, draft.url or "")):
        sheet.write_string(row, place, text)
    sheet.write_number(row, 2, draft.line_count)
    for place, cents in enumerate((draft.net_cents, draft.vat_cents, draft.gross_cents), start=3):
        sheet.write_number(row, place, Decimal(cents).scaleb(-2), money)
    if draft.document_id is not None:
        sheet.write_number(row, 7, draft.document_id)
