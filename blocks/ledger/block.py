"""The Prefect block that says where the ledger lives."""

from prefect.blocks.core import Block
from pydantic import Field, SecretStr

from blocks.ledger.engines import open_engine
from blocks.ledger.ledger import Ledger


class InvoiceLedger(Block):
    """What was billed, sent and answered; and the folder for the CSV files."""

    _block_type_name = "InvoiceLedger"
    _block_type_slug = "invoiceledger"

    database_url: SecretStr = Field(
        default=SecretStr("sqlite:///ledger.db"),
        description="SQLAlchemy URL of the ledger: a SQLite file or PostgreSQL.",
    )
    export_dir: str = Field(
        default="exports", min_length=1, description="Folder for the CSV files, per month."
    )
    lease_seconds: int = Field(
        default=60, ge=2, description="How long a run that died holds its month, in seconds."
    )

    def open(self, account: str) -> Ledger:
        """Open the ledger of this account, its tables created or migrated; cheap to repeat.

        LedgerError where no ledger can live at the URL, LedgerUnavailable where nothing answers.
        """
        return Ledger(open_engine(self.database_url.get_secret_value()), account)
