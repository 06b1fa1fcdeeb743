"""The Prefect block that says where the ledger is."""

import re
from pathlib import Path
from typing import Annotated, Literal

from prefect.blocks.core import Block
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, SecretStr

from blocks.ledger.engines import engine_as_it_is, ledger_url, open_engine
from blocks.ledger.ledger import Ledger
from blocks.ledger.migrate import version_of


def _month_if_any(text: str) -> str:
    if text and not re.fullmatch("20[0-9]{2}-(0[1-9]|1[0-2])", text):
        raise ValueError("write the month as YYYY-MM, such as 2026-11")
    return text


class LedgerFields(BaseModel):
    """What the block and the settings of the ledger have in common: all of their fields."""

    model_config = ConfigDict(hide_input_in_errors=True)

    database_url: SecretStr = Field(
        default=SecretStr("sqlite:///ledger.db"),
        description="SQLAlchemy URL of the ledger: a SQLite file, or PostgreSQL in production.",
    )
    export_dir: str = Field(
        default="exports", min_length=1, description="Folder for the CSV files, per month."
    )
    report_language: Literal["en", "de"] = Field(
        default="en",
        description="The language of reports, answers, artifacts and messages to people.",
    )
    lease_seconds: int = Field(
        default=60, ge=2, description="How long a run that died holds its month, in seconds."
    )
    invoicing_from: Annotated[str, AfterValidator(_month_if_any)] = Field(
        default="",
        description="First month (YYYY-MM) that is ever billed; earlier ones can be previewed and"
        " compared only. Empty: any month.",
    )
    review_within_days: int = Field(
        default=10,
        ge=0,
        description="Days that a draft may wait for review; after that people are told.",
    )


class InvoiceLedger(LedgerFields, Block):
    """What was billed, sent and answered; and the folder for the CSV files."""

    _block_type_name = "InvoiceLedger"
    _block_type_slug = "invoiceledger"
    # One of Prefect's own logos.
    _logo_url = HttpUrl(
        "https://cdn.sanity.io/images/3ugk85nk/production"
        "/3c7dff04f70aaf4528e184a3b028f9e40b98d68c-250x250.png"
    )
    _documentation_url = HttpUrl(
        "https://docs.sqlalchemy.org/en/20/core/engines.html#database-urls"
    )

    def version(self) -> tuple[str | None, str | None]:
        """The version of the tables, None before the first run, and that of this release.

        Migrates nothing. A SQLite file that is not there is not made. Raises as `open` does.
        """
        address = self.database_url.get_secret_value()
        url = ledger_url(address)
        if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
            return None, None
        with engine_as_it_is(address) as engine:
            return version_of(engine)

    def open(self, account: str) -> Ledger:
        """Open the ledger of this account, its tables created or migrated; cheap to repeat.

        LedgerError where no ledger can live at the URL, LedgerUnavailable where nothing answers.
        """
        return Ledger(open_engine(self.database_url.get_secret_value()), account)
