"""The settings of the ledger from the environment or `.env`."""

from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from blocks.ledger.block import InvoiceLedger, LedgerFields
from blocks.ledger.engines import ledger_url
from blocks.ledger.errors import LedgerError

# Settings that the whole bridge has, not the ledger alone.
_OWN_NAMES = frozenset({"export_dir", "invoicing_from", "report_language", "review_within_days"})


class LedgerSettings(LedgerFields, BaseSettings):
    """`LEDGER_DATABASE_URL` and so on; ValidationError names a bad one, not its value."""

    model_config = SettingsConfigDict(
        env_file=".env",
        extra="ignore",
        alias_generator=lambda field: (
            field.upper() if field in _OWN_NAMES else f"LEDGER_{field.upper()}"
        ),
    )

    @field_validator("database_url")
    @classmethod
    def _is_a_place_for_a_ledger(cls, url: SecretStr) -> SecretStr:
        try:
            ledger_url(url.get_secret_value())
        except LedgerError as error:
            raise ValueError(str(error)) from None
        return url

    def to_block(self) -> InvoiceLedger:
        """Make the block that these settings describe, not saved."""
        return InvoiceLedger(**self.model_dump())
