"""The easybill sandbox over real HTTP, for any test that needs an easybill."""

import json
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from blocks.easybill.exact_json import encode
from blocks.easybill.sandbox.gate import BASE_PATH
from blocks.easybill.sandbox.server import HOST, listen, server_of
from blocks.easybill.sandbox.state import LOGIN_ID, Sandbox

API_KEY = "sandbox-key"
# Reading the certificates takes longer than most tests.
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_KEPT_REQUESTS = 20_000
Json = dict[str, Any]


class RunningSandbox:
    """A sandbox that runs: its address and key, and what tests look at or change."""

    def __init__(self, address: str, api_key: str) -> None:
        self.page_url = f"{address}/"
        self.base_url = f"{address}{BASE_PATH}"
        self.api_key = api_key
        self.http = httpx.Client(
            base_url=self.base_url,
            headers={"Authorization": f"Bearer {api_key}"},
            timeout=30,
            verify=_NO_TLS,
        )
        self._control = httpx.Client(base_url=f"{address}/_sandbox", timeout=60, verify=_NO_TLS)
        self._control.put("/requests", json={"keep": _KEPT_REQUESTS}).raise_for_status()

    def close(self) -> None:
        self.http.close()
        self._control.close()

    def drafts(self) -> list[Json]:
        """All drafts, as easybill answers them, numbers exact."""
        drafts: list[Json] = exact(self._control.get("/drafts"))
        return drafts

    def draft(self, external_id: str) -> Json:
        """The only draft with this external id."""
        (draft,) = [each for each in self.drafts() if each["external_id"] == external_id]
        return draft

    def attachments(self) -> list[Json]:
        """All attachments, with their bytes as `content`."""
        listed: list[Json] = []
        page = pages = 1
        while page <= pages:
            answer = self._unrecorded("GET", f"/attachments?limit=1000&page={page}")
            pages, page = answer["pages"], page + 1
            listed += answer["items"]
        address = self.page_url.rstrip("/")
        for each in listed:
            each["content"] = self._control.get(f"{address}/attachments/{each['id']}").content
        return listed

    def requests(self) -> list[Json]:
        """Every request to the API since the start or the last reset."""
        requests: list[Json] = exact(self._control.get("/requests"))
        return requests

    def counts(self) -> dict[str, int]:
        """How many requests there were per method and path: `{"POST /documents": 3}`."""
        counts: dict[str, int] = exact(self._control.get("/counts"))["by_route"]
        return counts

    def writes(self) -> int:
        """How many requests were no GET."""
        return sum(n for route, n in self.counts().items() if not route.startswith("GET "))

    def violations(self) -> list[str]:
        """What was sent that easybill overlooks: read-only and unknown fields."""
        return [
            f"{request['route']}: {violation}"
            for request in self.requests()
            for violation in request["violations"]
        ]

    def forget_requests(self) -> None:
        self._control.delete("/requests").raise_for_status()

    def plant_fault(self, kind: str, method: str = "*", path: str = "*", **more: object) -> None:
        """Plant one fault; see `blocks.easybill.sandbox.faults.Fault` for what there is."""
        fault = {"kind": kind, "method": method, "path": path, **more}
        self._control.post("/faults", json=[fault]).raise_for_status()

    def remove_faults(self) -> None:
        self._control.delete("/faults").raise_for_status()

    def finalise(self, document_id: int) -> Json:
        """What the accountant does when a draft is right."""
        return self._unrecorded("PUT", f"/documents/{document_id}/done")

    def cancel(self, document_id: int) -> Json:
        """What the accountant does when an invoice was wrong: its Storno."""
        return self._unrecorded("POST", f"/documents/{document_id}/cancel")

    def pay(self, document_id: int, cents: int, day: str) -> Json:
        """What the bank statement brings."""
        payment = {"document_id": document_id, "amount": cents, "payment_at": day}
        return self._unrecorded("POST", "/document-payments", payment)

    def when_finalised(self, **what: str) -> None:
        """Let writes to finalised documents be done; see `documents.WhenFinalised`."""
        self._control.put("/finalised", json=what).raise_for_status()

    def versions(self, document_id: int) -> list[Json]:
        """What easybill kept when a finalised document was changed, the oldest first."""
        versions: list[Json] = self._unrecorded("GET", f"/documents/{document_id}/versions")[
            "items"
        ]
        return versions

    def edit(self, document_id: int, **fields: object) -> Json:
        """What the accountant does when a draft is not right."""
        return self._unrecorded("PUT", f"/documents/{document_id}", fields)

    def create(self, **fields: object) -> Json:
        """A document that somebody else makes; its writes count for nobody."""
        return self._unrecorded("POST", "/documents", {"type": "INVOICE", **fields})

    def stamp(self, document_id: int, edited_at: str) -> None:
        """Let a document look as if last edited at `YYYY-MM-DD HH:MM:SS`."""
        stamped = self._control.patch(f"/documents/{document_id}", json={"edited_at": edited_at})
        stamped.raise_for_status()

    def delete(self, document_id: int) -> None:
        """What the accountant does when a draft is not wanted."""
        self._unrecorded("DELETE", f"/documents/{document_id}")

    def lock(self, document_id: int, *, held: bool = True) -> None:
        """Let every write to the document be answered with 409, or no longer."""
        method = "PUT" if held else "DELETE"
        self._control.request(method, f"/documents/{document_id}/lock").raise_for_status()

    def add_customers(self, customers: Iterable[Mapping[str, object]]) -> list[Json]:
        """Create customers in easybill's shape; two may bear one number."""
        return [self._unrecorded("POST", "/customers", customer) for customer in customers]

    def _unrecorded(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Json:
        content = None if body is None else encode(dict(body))
        answer = self._control.request(method, f"/as-accountant{path}", content=content)
        answer.raise_for_status()
        return exact(answer) if answer.content else {}


def exact(answer: httpx.Response) -> Any:
    """The answer's JSON, a fraction as Decimal."""
    answer.raise_for_status()
    return json.loads(answer.content, parse_float=Decimal)


@contextmanager
def running_sandbox(
    *,
    state: Path | None = None,
    api_key: str = API_KEY,
    requests_per_minute: int | None = None,
    login_id: int = LOGIN_ID,
) -> Iterator[RunningSandbox]:
    """Serve a sandbox from a thread on a free port, until the block ends."""
    sandbox = Sandbox(state, api_key, requests_per_minute, login_id)
    listening = listen(0)
    server = server_of(sandbox)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    running = RunningSandbox(f"http://{HOST}:{listening.getsockname()[1]}", api_key)
    try:
        yield running
    finally:
        running.close()
        server.should_exit = server.force_exit = True
        thread.join(timeout=10)
        sandbox.store.close()


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    """A fresh easybill without any customer or draft."""
    with running_sandbox() as running:
        yield running
