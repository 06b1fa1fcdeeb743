"""Beyond what a month, a customer or a line is unusual."""

from pydantic import BaseModel, Field


class Bounds(BaseModel):
    """The bounds of the sense checks; amounts are net, in whole euros.

    What lies beyond is reported; it stops something only where the field says so.
    """

    line_net_eur: int = Field(
        default=10_000, ge=0, description="A line above this stops its customer."
    )
    invoice_net_eur: int = Field(
        default=100_000, ge=0, description="A customer's month above this stops the customer."
    )
    line_count: int = Field(
        default=3_000, ge=1, description="A customer's month with more lines stops the customer."
    )
    month_net_eur: int = Field(
        default=2_500_000, ge=0, description="A month above this, all customers together, stops."
    )
    month_change_percent: int = Field(
        default=50,
        ge=0,
        description="A month that differs from the one before by more than this share, and by more"
        " than month_change_eur, stops.",
    )
    month_change_eur: int = Field(
        default=10_000, ge=0, description="See month_change_percent: both must be passed."
    )
    usual_months: int = Field(
        default=3,
        ge=1,
        le=12,
        description="A customer's usual total is the mean over those of the last so many months in"
        " which the customer was billed.",
    )
    usual_change_percent: int = Field(
        default=75,
        ge=0,
        description="A customer's total that differs from the usual one by more than this share,"
        " and by more than usual_change_eur, is reported.",
    )
    usual_change_eur: int = Field(
        default=2_500, ge=0, description="See usual_change_percent: both must be passed."
    )
    duplicates_eur: int = Field(
        default=200,
        ge=0,
        description="Lines that look like doubles are reported by customer from this worth on, the"
        " others in one sum.",
    )
    listed: int = Field(
        default=20,
        ge=1,
        description="How many customers a check reports one by one, the largest first; the others"
        " in one sum.",
    )
    e_invoice: bool = Field(
        default=True, description="Whether to report what an e-invoice could not hold."
    )
