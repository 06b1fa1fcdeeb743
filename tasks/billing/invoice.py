"""An invoice: everything that one customer owes for one billing month."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from tasks.billing.draft_terms import DraftTerms
from tasks.billing.issue import Issue, IssueCode
from tasks.billing.line_item import LineItem, LineKind
from tasks.billing.money import Totals, plain
from tasks.billing.month import BillingMonth

_EXTERNAL_ID = re.compile(r"oms:(?P<month>\d{4}-\d{2}):(?P<number>[^:]+)(:(?P<sequence>[1-9]\d*))?")
NO_TERMS = DraftTerms()


@dataclass(frozen=True, slots=True)
class Customer:
    """A row of `invoicing_customers`."""

    customer_number: str
    company_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone_number: str | None = None
    street: str | None = None
    zip_code: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    vat_id: str | None = None
    vat_option: str | None = None
    purchase_order: str | None = None
    buyer_reference: str | None = None
    currency: str = "EUR"
    # The first release's digest is of the text that Python shows, without what came later.
    due_in_days: Decimal | None = field(default=None, repr=False)

    @property
    def display_name(self) -> str:
        """The company, or the person."""
        person = " ".join(part for part in (self.first_name, self.last_name) if part)
        return self.company_name or person


@dataclass(frozen=True, slots=True)
class Invoice:
    """The lines of one customer, month and sequence (2, 3 … for what came after the first).

    `terms`: what the account puts on its draft.
    """

    month: BillingMonth
    customer: Customer
    lines: tuple[LineItem, ...]
    sequence: int = 1
    terms: DraftTerms = NO_TERMS

    @classmethod
    def of(
        cls,
        month: BillingMonth,
        customer: Customer,
        lines: Iterable[LineItem],
        sequence: int = 1,
        terms: DraftTerms = NO_TERMS,
    ) -> "Invoice":
        """The lines in an order that is stable over reruns; a fee comes after its service."""
        ordered = sorted(
            lines,
            key=lambda line: (
                line.rendered_at,
                line.service_id,
                line.kind is LineKind.CANCELLATION_FEE,
            ),
        )
        return cls(month, customer, tuple(ordered), sequence, terms)

    @property
    def totals(self) -> Totals:
        """Net, VAT and gross in cents."""
        return Totals.of((line.vat_percent, line.net_cents) for line in self.lines)

    @property
    def external_id(self) -> str:
        """The identity that the draft has in easybill: derived, never generated."""
        return external_id(str(self.month), self.customer.customer_number, self.sequence)

    @property
    def file_stem(self) -> str:
        """The CSV's name without its ending."""
        return file_stem(self.customer.customer_number, self.sequence)


def file_stem(customer_number: str, sequence: int) -> str:
    """The name of an export's CSV without its ending; `~` is in no customer number."""
    return customer_number if sequence == 1 else f"{customer_number}~{sequence}"


def external_id(month: str, customer_number: str, sequence: int) -> str:
    """The external id of a customer's draft for a month; later drafts have their sequence."""
    base = f"oms:{month}:{customer_number}"
    return base if sequence == 1 else f"{base}:{sequence}"


def address_of(external_id: str | None) -> tuple[str, str, int] | None:
    """Month, customer number and sequence of an external id; None where it is none of ours."""
    found = _EXTERNAL_ID.fullmatch(external_id or "")
    if found is None:
        return None
    return found["month"], found["number"], int(found["sequence"] or 1)


def contradictions(invoice: Invoice) -> list[Issue]:
    """Why these lines cannot be on one invoice of this customer.

    A vat_option other than normal takes the whole document out of VAT in easybill, so a line with
    VAT beside it would make easybill's total differ from ours.
    """
    option = invoice.customer.vat_option
    if option is None:
        return []
    return [
        Issue(
            IssueCode.VAT_CONTRADICTION,
            invoice.customer.customer_number,
            str(invoice.month),
            service_id=line.service_id,
            facts={
                "column": _vat_column(line),
                "vat_percent": plain(line.vat_percent),
                "vat_option": option,
            },
        )
        for line in invoice.lines
        if line.vat_percent != 0
    ]


def _vat_column(line: LineItem) -> str:
    return "vat_percent" if line.kind is LineKind.SERVICE else "cancellation_fee_vat_percent"
