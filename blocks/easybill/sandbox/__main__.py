"""`python -m blocks.easybill.sandbox`: a local easybill to rehearse on."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from blocks.easybill.sandbox.customer_file import CustomerFileBroken, load_customers
from blocks.easybill.sandbox.gate import BASE_PATH
from blocks.easybill.sandbox.server import HOST, listen, server_of
from blocks.easybill.sandbox.state import Sandbox
from blocks.easybill.sandbox.store import StateUnreadable


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C. Returns 0, or 1 where it cannot start."""
    options = _parser().parse_args(arguments)
    try:
        listening = listen(options.port)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        return _complain(f"Port {options.port} cannot be used: {reason}. Try another --port")
    try:
        sandbox = Sandbox(options.state, options.api_key, options.requests_per_minute)
        added = load_customers(options.customers, sandbox.customers) if options.customers else 0
    except (StateUnreadable, CustomerFileBroken) as error:
        return _complain(str(error))
    # uvicorn raises the signal again after it has stopped; that is no failure.
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: sys.exit(0))
    address = f"http://{HOST}:{listening.getsockname()[1]}"
    sys.stdout.write(
        f"easybill sandbox: page {address}/ · base URL {address}{BASE_PATH}"
        f" · {added} customers added · stop with Ctrl-C\n"
    )
    sys.stdout.flush()
    server_of(sandbox).run(sockets=[listening])
    return 0


def _complain(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m blocks.easybill.sandbox", description="A local easybill to rehearse on."
    )
    parser.add_argument("--port", type=int, default=8900, help="default: 8900; 0: any free one")
    parser.add_argument(
        "--customers", type=Path, metavar="FILE.json", help="customers to begin with"
    )
    parser.add_argument("--state", type=Path, metavar="FILE", help="SQLite file; else in memory")
    parser.add_argument(
        "--requests-per-minute", type=_positive, metavar="N", help="the plan's limit; else none"
    )
    parser.add_argument("--api-key", metavar="KEY", help="the only key; else any is accepted")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


if __name__ == "__main__":
    sys.exit(main())
