"""The easybill account from the environment or `.env`."""

from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from blocks.easybill.account import ApiKey, BaseUrl, DocumentUrl, EasybillAccount
from blocks.easybill.client import DEFAULT_BASE_URL


class EasybillSettings(BaseSettings):
    """EASYBILL_API_KEY and its companions; ValidationError names a bad one, not its value."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    api_key: ApiKey = Field(validation_alias="EASYBILL_API_KEY")
    base_url: BaseUrl = Field(default=DEFAULT_BASE_URL, validation_alias="EASYBILL_BASE_URL")
    requests_per_minute: int = Field(
        default=10, ge=1, validation_alias="EASYBILL_REQUESTS_PER_MINUTE"
    )
    account: str = Field(default="main", min_length=1, validation_alias="EASYBILL_ACCOUNT")
    create_customers: bool = Field(default=False, validation_alias="EASYBILL_CREATE_CUSTOMERS")
    csv_price_basis: Literal["gross", "net"] = Field(
        default="gross", validation_alias="EASYBILL_CSV_PRICE_BASIS"
    )
    cancellation_fee_label: str = Field(
        default="Stornogebühr: ", validation_alias="EASYBILL_CANCELLATION_FEE_LABEL"
    )
    document_url: DocumentUrl | None = Field(default=None, validation_alias="EASYBILL_DOCUMENT_URL")

    def to_block(self) -> EasybillAccount:
        """Make the block that holds these settings."""
        return EasybillAccount.model_validate(self.model_dump())


def explain(error: ValidationError) -> str:
    """Say in plain sentences which settings are missing or wrong, without their values."""
    return " ".join(
        f"{entry['loc'][0]} is missing: set it in the environment or in .env."
        if entry["type"] == "missing"
        else f"{entry['loc'][0]} cannot be used: {entry['msg'].removeprefix('Value error, ')}."
        for entry in error.errors(include_url=False, include_input=False)
    )
