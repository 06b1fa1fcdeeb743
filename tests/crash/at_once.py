"""What one of several processes does that are started at once on one month."""

import time
from bisect import bisect_left

from blocks.easybill.limiter import RequestLimiter
from blocks.ledger.engines import open_engine
from blocks.ledger.ledger import Ledger
from tasks.report.run_report import RunReport
from tasks.run.lease import MonthHeld
from tasks.run.request import RunRequest
from tests.crash.driver import MONTH, Place, connect
from tests.plain_run import run_plainly

# A request may take this much longer on its way than the next one.
MARGIN_SECONDS = 1.0


def run_among_others(
    place: Place, starts_at: float, requests: int, seconds: float
) -> RunReport | MonthHeld:
    """Invoice the month from that moment on; the limit of requests holds for all together.

    `starts_at` in seconds since 1970; `requests` in any `seconds`.
    """
    ledger = Ledger(open_engine(place.ledger_url), "main")
    window = ledger.request_window(requests, seconds + MARGIN_SECONDS)
    time.sleep(max(0.0, starts_at - time.time()))
    connections = connect(place, RequestLimiter(window))
    logins = connections.client_for(MONTH, None).list_logins()
    connections.ledger.recognise_logins([login.id for login in logins])
    try:
        return run_plainly(connections, RunRequest(MONTH))
    except MonthHeld as held:
        return held


def most_in_any(seconds: float, moments: list[float]) -> int:
    """How many of the moments lie in the fullest stretch of this length."""
    ordered = sorted(moments)
    return max(bisect_left(ordered, first + seconds) - place for place, first in enumerate(ordered))
