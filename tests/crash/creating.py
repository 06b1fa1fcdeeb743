"""What processes do that create customers: several at once, or one that dies while it does."""

import os
import signal
import time
from dataclasses import replace
from typing import Literal

import httpx

from blocks.easybill.client import EasybillClient
from blocks.easybill.limiter import RequestLimiter
from tasks.billing.month import BillingMonth
from tasks.report.run_report import RunReport
from tasks.run.request import RunRequest
from tests.crash.driver import Place, connect
from tests.plain_run import run_plainly

Moment = Literal["before the request", "after its effect"]


def invoice_at(place: Place, month: BillingMonth, starts_at: float) -> RunReport:
    """Invoice the month from that moment on, in seconds since 1970."""
    connections = connect(place)
    time.sleep(max(0.0, starts_at - time.time()))
    return run_plainly(connections, RunRequest(month))


def die_creating(place: Place, month: BillingMonth, moment: Moment) -> RunReport:
    """Invoice the month in this process, which dies when it creates its first customer."""
    connections = connect(place)
    account = connections.account
    client = EasybillClient(
        account.api_key,
        account.base_url,
        limiter=RequestLimiter.in_memory(1_000_000),
        transport=_Deadly(moment),
    )
    return run_plainly(replace(connections, client=client), RunRequest(month))


class _Deadly(httpx.HTTPTransport):
    def __init__(self, moment: Moment) -> None:
        super().__init__()
        self._moment = moment

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        creates = (request.method, request.url.path[-10:]) == ("POST", "/customers")
        if creates and self._moment == "before the request":
            os.kill(os.getpid(), signal.SIGKILL)
        response = super().handle_request(request)
        if creates:
            os.kill(os.getpid(), signal.SIGKILL)
        return response
