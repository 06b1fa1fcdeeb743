"""The settings of the OMS from the environment or `.env`."""

from pydantic_settings import BaseSettings, SettingsConfigDict

from blocks.oms.block import OmsDatabase, OmsFields


class OmsSettings(OmsFields, BaseSettings):
    """`OMS_DATABASE_URL` and so on; ValidationError names a missing or bad one, not its value."""

    model_config = SettingsConfigDict(
        env_file=".env",
        extra="ignore",
        alias_generator=lambda field: f"OMS_{'DATABASE_URL' if field == 'url' else field.upper()}",
    )

    def to_block(self) -> OmsDatabase:
        """Make the block that these settings describe, not saved."""
        return OmsDatabase(**self.model_dump())
