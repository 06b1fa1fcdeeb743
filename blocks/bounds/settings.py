"""The bounds of the checks from the environment or `.env`; each has a default."""

from pydantic_settings import BaseSettings, SettingsConfigDict

from blocks.bounds.block import SenseBounds
from blocks.bounds.bounds import Bounds


class SenseSettings(Bounds, BaseSettings):
    """`SENSE_LINE_NET_EUR` and so on; ValidationError names a bad one, not its value."""

    model_config = SettingsConfigDict(
        env_file=".env",
        extra="ignore",
        hide_input_in_errors=True,
        alias_generator=lambda field: f"SENSE_{field.upper()}",
    )

    def to_block(self) -> SenseBounds:
        """Make the block that these settings describe, not saved."""
        return SenseBounds(**self.model_dump())
