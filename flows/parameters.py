"""Parameters: what a person may give a flow; the UI's form and Prefect's API check it too."""

from collections.abc import Collection
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from blocks.account_name import PATTERN, account_name
from blocks.saved import SettingsError
from tasks.billing.month import BillingMonth
from tasks.checks.let_through import NAME_PATTERN, known_name


def _month(text: str) -> str:
    return str(BillingMonth.parse(text))


Month = Annotated[
    str,
    AfterValidator(_month),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^20[0-9]{2}-(0[1-9]|1[0-2])$",
            "examples": ["2026-10"],
        }
    ),
]
Account = Annotated[
    str,
    AfterValidator(account_name),
    WithJsonSchema({"type": "string", "pattern": f"^{PATTERN}$", "examples": ["north"]}),
]
CustomerNumber = Annotated[str, Field(min_length=1, examples=["K1001"])]
Customers = Annotated[list[CustomerNumber], Field(min_length=1)]
LetThrough = Annotated[
    list[
        Annotated[
            str,
            AfterValidator(known_name),
            WithJsonSchema(
                {"type": "string", "pattern": NAME_PATTERN, "examples": ["invoice_net:K1001"]}
            ),
        ]
    ],
    Field(min_length=1),
]
Words = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]
DraftCount = Annotated[int, Field(ge=1)]
OwnRuns = Annotated[int, Field(ge=0, le=200)]


def require_customers(customers: Collection[str] | None, *, bill_again: bool) -> None:
    """Raise SettingsError where invoices are to be billed again and nobody says whose."""
    if bill_again and not customers:
        raise SettingsError("bill_again needs customers: name those whose invoices it is about")
