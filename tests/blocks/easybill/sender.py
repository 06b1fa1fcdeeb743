"""Sends requests through a shared limiter: a process of its own for the limiter's tests.

`python -m tests.blocks.easybill.sender DATABASE_URL LIMIT WINDOW MARGIN [PORT]`; without a port
it pauses everybody instead.
"""

import http.client
import sys
import threading

from blocks.easybill.limiter import RequestLimiter

PAUSE_SECONDS = 1.5


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


def main(url: str, limit: str, window: str, margin: str, port: str | None = None) -> None:
    limiter = RequestLimiter.shared(
        url, "main", int(limit), window_seconds=float(window), margin_seconds=float(margin)
    )
    if port is None:
        limiter.pause(PAUSE_SECONDS)
    else:
        send_from_threads(limiter, int(port), threads=2, requests=2)
    limiter.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
