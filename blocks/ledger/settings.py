"""The ledger's settings from the environment or `.env`."""

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from blocks.ledger.block import InvoiceLedger
from blocks.ledger.engines import ledger_url
from blocks.ledger.errors import LedgerError


class LedgerSettings(BaseSettings):
    """`LEDGER_DATABASE_URL` and `EXPORT_DIR`; ValidationError names a bad one, not its value."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", hide_input_in_errors=True, populate_by_name=True
    )

    database_url: SecretStr = Field(
        default=SecretStr("sqlite:///ledger.db"), validation_alias="LEDGER_DATABASE_URL"
    )
    export_dir: str = Field(default="exports", min_length=1, validation_alias="EXPORT_DIR")
    lease_seconds: int = Field(default=60, ge=2, validation_alias="LEDGER_LEASE_SECONDS")

    @field_validator("database_url")
    @classmethod
    def _is_a_place_for_a_ledger(cls, url: SecretStr) -> SecretStr:
        try:
            ledger_url(url.get_secret_value())
        except LedgerError as error:
            raise ValueError(str(error)) from None
        return url

    def to_block(self) -> InvoiceLedger:
        """Make the block, not saved."""
        return InvoiceLedger(
            database_url=self.database_url,
            export_dir=self.export_dir,
            lease_seconds=self.lease_seconds,
        )
