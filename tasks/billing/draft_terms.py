"""Draft terms: what an account puts on every draft, beside the customer and the lines."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class DraftTerms:
    """What the drafts of an account have in common; None: easybill's own default holds.

    `login_id`: who is shown as the editor. `due_in_days` where the customer has none of its own.
    """

    text_prefix: str | None = None
    text: str | None = None
    pdf_template: str | None = None
    login_id: int | None = None
    due_in_days: int | None = None
    is_dated_at_month_end: bool = False

    def fields(self, last_day: date, due_in_days: Decimal | None) -> dict[str, object]:
        """The draft's fields in easybill's names, only those that are set.

        `due_in_days`: the customer's own; None: the account's.
        """
        said = {
            "text_prefix": self.text_prefix,
            "text": self.text,
            "pdf_template": self.pdf_template,
            "login_id": self.login_id,
            "due_in_days": self.due_in_days if due_in_days is None else int(due_in_days),
            "document_date": last_day.isoformat() if self.is_dated_at_month_end else None,
        }
        return {name: value for name, value in said.items() if value is not None}
