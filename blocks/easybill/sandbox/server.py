"""Serving the sandbox over HTTP on this machine."""

import asyncio
import socket

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from blocks.easybill.sandbox.app import create_app
from blocks.easybill.sandbox.state import Sandbox

HOST = "127.0.0.1"
_WAITING_CONNECTIONS = 128
_SECONDS_FOR_OPEN_ANSWERS = 2
# Longer than httpx keeps an idle connection, as with most servers: where both give up after five
# seconds, a request may go out on a connection that ends that moment.
_SECONDS_FOR_IDLE_CONNECTIONS = 75


class _Protocol(H11Protocol):
    """Gives each request its connection, so that a planted fault can cut it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


def listen(port: int) -> socket.socket:
    """Listen on the port (0: any that is free). Raises OSError where another program uses it."""
    listening = socket.create_server((HOST, port), backlog=_WAITING_CONNECTIONS)
    # asyncio sets this only on sockets that it made itself; without it each answer takes 40 ms.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def server_of(sandbox: Sandbox) -> uvicorn.Server:
    """The server of this sandbox; run it on a listening socket."""
    config = uvicorn.Config(
        create_app(sandbox),
        http=_Protocol,
        ws="none",
        lifespan="off",
        proxy_headers=False,
        access_log=False,
        log_level="warning",
        timeout_keep_alive=_SECONDS_FOR_IDLE_CONNECTIONS,
        timeout_graceful_shutdown=_SECONDS_FOR_OPEN_ANSWERS,
    )
    return uvicorn.Server(config)
