"""What one of several processes does that are started at once on one month."""

import time

from blocks.easybill.limiter import RequestLimiter
from tasks.report.run_report import RunReport
from tasks.run.lease import MonthHeld
from tasks.run.request import RunRequest
from tests.crash.driver import MONTH, Place, connect
from tests.plain_run import run_plainly


def run_among_others(
    place: Place, starts_at: float, requests: int, seconds: float
) -> RunReport | MonthHeld:
    """Invoice the month from that moment on, with the others at most so many requests in any time.

    `starts_at` in seconds since 1970; `requests` in any `seconds`.
    """
    limiter = RequestLimiter.shared(place.ledger_url, "main", requests, window_seconds=seconds)
    time.sleep(max(0.0, starts_at - time.time()))
    connections = connect(place, limiter)
    logins = connections.client_for(MONTH, None).list_logins()
    connections.ledger.recognise_logins([login.id for login in logins])
    try:
        return run_plainly(connections, RunRequest(MONTH))
    except MonthHeld as held:
        return held
