"""The order management system as a Prefect block."""

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from prefect.blocks.core import Block
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, SecretStr

from blocks.oms.checks import check
from blocks.oms.column import BERLIN
from blocks.oms.connection import snapshot_connection
from blocks.oms.contract import CUSTOMERS, SERVICES
from blocks.oms.reading import read_raw
from blocks.oms.rights import may_write
from blocks.oms.snapshot import Snapshot


def known_time_zone(name: str) -> str:
    """Return the name; raise ValueError where no such time zone exists."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(
            f"{name!r} is no time zone; write OMS_TIMEZONE like Europe/Berlin."
        ) from None
    return name


class OmsFields(BaseModel):
    """What the block and the settings of the OMS have in common: all of their fields."""

    model_config = ConfigDict(hide_input_in_errors=True)

    url: SecretStr = Field(
        min_length=1,
        description="SQLAlchemy URL of a SQLite file, PostgreSQL or MariaDB; a user with the right"
        " to SELECT is enough.",
    )
    services_relation: str = Field(
        default=SERVICES.name, description="Table or view of the services, or schema.name."
    )
    customers_relation: str = Field(
        default=CUSTOMERS.name, description="Table or view of the customers, or schema.name."
    )
    timezone: Annotated[str, AfterValidator(known_time_zone)] = Field(
        default=BERLIN, description="Time zone of timestamps that are stored without one."
    )


class OmsDatabase(OmsFields, Block):
    """The database of the order management system, read only: its services and customers."""

    _block_type_name = "OmsDatabase"
    _block_type_slug = "omsdatabase"
    # One of Prefect's own logos.
    _logo_url = HttpUrl(
        "https://cdn.sanity.io/images/3ugk85nk/production"
        "/fb3f4debabcda1c5a3aeea4f5b3f94c28845e23e-250x250.png"
    )
    _documentation_url = HttpUrl(
        "https://docs.sqlalchemy.org/en/20/core/engines.html#database-urls"
    )

    def read_services(self, starts_at: datetime, ends_at: datetime) -> Snapshot:
        """Read all customers and the services rendered in [starts_at, ends_at), as of one moment.

        A row without a readable time is reported as a bad row whatever the range. Raises
        ValueError for bounds without a time zone, OmsUnavailable and OmsContractBroken.
        """
        if starts_at.tzinfo is None or ends_at.tzinfo is None:
            raise ValueError("The bounds of a read need a time zone.")
        return self._read(between=(starts_at, ends_at))

    def read_service(self, service_id: str) -> Snapshot:
        """Read one service, whenever it was rendered, and all customers; raises as above."""
        return self._read(service_id=service_id)

    def may_write(self) -> bool:
        """Whether the user could change the two relations, which no run needs; raises as above."""
        with snapshot_connection(self.url.get_secret_value()) as connection:
            return may_write(connection, (self.services_relation, self.customers_relation))

    def _read(self, **wanted: Any) -> Snapshot:
        services = SERVICES.called(self.services_relation)
        customers = CUSTOMERS.called(self.customers_relation)
        with snapshot_connection(self.url.get_secret_value()) as connection:
            raw = read_raw(connection, services, customers, ZoneInfo(self.timezone), **wanted)
        return check(raw, services, customers)
