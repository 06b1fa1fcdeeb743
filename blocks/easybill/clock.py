"""How far this machine's clock is off easybill's."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx


def seconds_off(base_url: str) -> float | None:
    """Seconds that our clock is ahead of the server's `Date`; None where it tells none."""
    try:
        answer = httpx.head(base_url, timeout=10)
        theirs = parsedate_to_datetime(answer.headers["Date"])
    except (httpx.HTTPError, KeyError, ValueError):
        return None
    # A date with "-0000" comes back without a zone; HTTP dates are always GMT.
    return (datetime.now(UTC) - theirs.replace(tzinfo=theirs.tzinfo or UTC)).total_seconds()
