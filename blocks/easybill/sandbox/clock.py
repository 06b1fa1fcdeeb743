"""The sandbox's clock, in easybill's format: Europe/Berlin, no offset."""

from datetime import datetime
from zoneinfo import ZoneInfo

_BERLIN = ZoneInfo("Europe/Berlin")


def now() -> str:
    """The moment as `YYYY-MM-DD HH:MM:SS`."""
    return datetime.now(_BERLIN).strftime("%Y-%m-%d %H:%M:%S")


def today() -> str:
    """The day as `YYYY-MM-DD`."""
    return now()[:10]
