"""The settings of the easybill account from the environment or `.env`."""

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from blocks.easybill.account import EasybillAccount, EasybillFields


class EasybillSettings(EasybillFields, BaseSettings):
    """`EASYBILL_API_KEY` and so on; ValidationError names a bad one, not its value."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        alias_generator=lambda field: f"EASYBILL_{field.upper()}",
    )

    def to_block(self) -> EasybillAccount:
        """Make the block that these settings describe, not saved."""
        return EasybillAccount(**self.model_dump())


class AccountSetting(BaseSettings):
    """`EASYBILL_ACCOUNT` alone; None where it is not set."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore")

    account: str | None = Field(default=None, validation_alias="EASYBILL_ACCOUNT")


def explain(error: ValidationError) -> str:
    """Say in plain sentences which settings are missing or wrong, without their values."""
    return " ".join(
        f"{entry['loc'][0]} is missing: set it in the environment or in .env."
        if entry["type"] == "missing"
        else f"{entry['loc'][0]} cannot be used: {_said(entry['msg'])}."
        for entry in error.errors(include_url=False, include_input=False)
    )


def _said(message: str) -> str:
    return message.removeprefix("Value error, ").rstrip(".")
