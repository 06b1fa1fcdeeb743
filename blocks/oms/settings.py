"""The order management system's settings, from the environment or `.env`."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from blocks.oms.block import OmsDatabase, known_time_zone
from blocks.oms.column import BERLIN


class OmsSettings(BaseSettings):
    """Where the OMS is. A missing or bad setting is named in pydantic's ValidationError."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", hide_input_in_errors=True, populate_by_name=True
    )

    database_url: SecretStr = Field(validation_alias="OMS_DATABASE_URL", min_length=1)
    timezone: Annotated[str, AfterValidator(known_time_zone)] = Field(
        default=BERLIN, validation_alias="OMS_TIMEZONE"
    )

    def to_block(self) -> OmsDatabase:
        """Make the block that these settings describe, not saved."""
        return OmsDatabase(url=self.database_url, timezone=self.timezone)
