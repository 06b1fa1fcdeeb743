"""The Prefect block that says where the ledger is."""

from prefect.blocks.core import Block
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from blocks.ledger.engines import open_engine
from blocks.ledger.ledger import Ledger


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
    lease_seconds: int = Field(
        default=60, ge=2, description="How long a run that died holds its month, in seconds."
    )


class InvoiceLedger(LedgerFields, Block):
    """What was billed, sent and answered; and the folder for the CSV files."""

    _block_type_name = "InvoiceLedger"
    _block_type_slug = "invoiceledger"

    def open(self, account: str) -> Ledger:
        """Open the ledger of this account, its tables created or migrated; cheap to repeat.

        LedgerError where no ledger can live at the URL, LedgerUnavailable where nothing answers.
        """
        return Ledger(open_engine(self.database_url.get_secret_value()), account)
