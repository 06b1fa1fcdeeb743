"""What a worker does that runs an account's month, opened by its name as the flows open it."""

import os
import time
from collections.abc import Mapping
from dataclasses import replace

from tasks.billing.month import BillingMonth
from tasks.run.connections import open_connections
from tasks.run.lease import MonthHeld
from tasks.run.request import RunRequest
from tests.crash.at_once import MARGIN_SECONDS
from tests.plain_run import run_plainly


def run_account(
    account: str,
    environment: Mapping[str, str],
    month: BillingMonth,
    starts_at: float,
    requests: int,
    seconds: float,
) -> tuple[str, float, float]:
    """Invoice the month from that moment on; how it ended, and when it began and ended.

    Moments in seconds since 1970; `requests` in any `seconds`.
    """
    os.environ.update(environment, EASYBILL_ACCOUNT=account)
    opened = open_connections(account)
    window = opened.ledger.request_window(requests, seconds + MARGIN_SECONDS)
    connections = replace(opened, client=opened.account.get_client(window=window))
    time.sleep(max(0.0, starts_at - time.time()))
    began_at = time.time()
    logins = connections.client_for(month, None).list_logins()
    connections.ledger.recognise_logins([login.id for login in logins])
    try:
        said = run_plainly(connections, RunRequest(month)).headline()
    except MonthHeld as held:
        said = str(held)
    return said, began_at, time.time()
