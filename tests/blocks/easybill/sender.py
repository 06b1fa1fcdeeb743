"""Sends requests through a ledger's window: a process of its own for the limiter's tests.

`python -m tests.blocks.easybill.sender LEDGER_URL LIMIT SECONDS [PORT]`; without a port it pauses
everybody instead.
"""

import http.client
import sys
import threading

from blocks.easybill.limiter import RequestLimiter
from blocks.ledger.engines import open_engine
from blocks.ledger.ledger import Ledger

# Far longer than a busy machine can stop a test.
PAUSE_SECONDS = 600.0


def shared_limiter(ledger_url: str, limit: int, seconds: float) -> RequestLimiter:
    return RequestLimiter(Ledger(open_engine(ledger_url), "main").request_window(limit, seconds))


def send(limiter: RequestLimiter, port: int, requests: int) -> None:
    for _ in range(requests):
        limiter.acquire()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/")
        connection.getresponse().read()
        connection.close()


def send_from_threads(limiter: RequestLimiter, port: int, threads: int, requests: int) -> None:
    running = [
        threading.Thread(target=send, args=(limiter, port, requests)) for _ in range(threads)
    ]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def main(ledger_url: str, limit: str, seconds: str, port: str | None = None) -> None:
    limiter = shared_limiter(ledger_url, int(limit), float(seconds))
    if port is None:
        limiter.pause(PAUSE_SECONDS)
    else:
        send_from_threads(limiter, int(port), threads=2, requests=2)


if __name__ == "__main__":
    main(*sys.argv[1:])
