"""The bounds of the checks: what is above them is unusual for a month, a customer or a line."""

from pydantic import BaseModel, Field


class Bounds(BaseModel):
    """The bounds of the checks; amounts are net, in whole euros.

    What is above a bound is reported; it stops a customer or the run only where the field says so.
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
        default=2_500_000,
        ge=0,
        description="A month above this, all customers together, stops the run.",
    )
    month_change_percent: int = Field(
        default=50,
        ge=0,
        description="A month stops the run if it differs from the month before by more than this"
        " share and by more than month_change_eur.",
    )
    month_change_eur: int = Field(
        default=10_000, ge=0, description="The amount that goes with month_change_percent."
    )
    usual_months: int = Field(
        default=3,
        ge=1,
        le=12,
        description="How many of the last months are looked at for a customer's usual total: the"
        " mean of those in which the customer was billed.",
    )
    usual_change_percent: int = Field(
        default=75,
        ge=0,
        description="A customer's total is reported if it differs from the usual one by more than"
        " this share and by more than usual_change_eur.",
    )
    usual_change_eur: int = Field(
        default=2_500, ge=0, description="The amount that goes with usual_change_percent."
    )
    duplicates_eur: int = Field(
        default=200,
        ge=0,
        description="Customers whose possible duplicates are worth this or more are reported one"
        " by one, the others in one sum.",
    )
    listed: int = Field(
        default=20,
        ge=1,
        description="How many customers a check reports one by one, the largest first; the others"
        " are reported in one sum.",
    )
    e_invoice: bool = Field(
        default=True, description="Whether to report what an e-invoice does not allow."
    )
