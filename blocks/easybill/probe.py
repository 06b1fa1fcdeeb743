"""Measure on a test account what easybill's description does not say, and clean up.

Nothing is finalised: for finalised documents a person finalises the probe's draft by hand.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from httpx import Client, HTTPError, Response

from blocks.easybill.account import EasybillAccount
from blocks.easybill.errors import Unavailable
from blocks.easybill.exact_json import encode_body
from blocks.easybill.limiter import RequestLimiter

EXTERNAL_ID = "probe:oms-to-easybill"
POSITIONS = (100, 500, 1_000, 2_000, 5_000)
DESCRIPTION = (255, 1_000, 10_000, 65_000, 250_000)
MEGABYTES = (1, 5, 10, 20)
PAUSE_S = 1.1
Body = dict[str, Any]


class ProbeRefused(Exception):
    """The probe may not touch this document, or easybill did not let it begin."""


@dataclass(slots=True)
class _Probe:
    """A plain client, as the product's own has no method for what is tried here."""

    http: Client
    limiter: RequestLimiter
    made: list[str] = field(default_factory=list)

    def ask(self, method: str, path: str, **more: Any) -> Response:
        self.limiter.acquire()
        try:
            return self.http.request(method, path, **more)
        except HTTPError as error:
            raise Unavailable(f"{method} {path}: easybill could not be reached: {error}.") from None

    def make(self, kind: str, **more: Any) -> Body | None:
        """Create something that is deleted at the end; None where it is refused."""
        answer = self.ask("POST", f"/{kind}", **more)
        if not answer.is_success:
            return None
        made: Body = answer.json()
        self.made.append(f"/{kind}/{made['id']}")
        return made

    def draft(self, customer_id: int, items: list[Body]) -> Body | None:
        body = {
            "type": "INVOICE",
            "external_id": EXTERNAL_ID,
            "customer_id": customer_id,
            "calc_vat_from": 0,
            "items": items,
        }
        return self.make(
            "documents", content=encode_body(body), headers={"Content-Type": "application/json"}
        )

    def clean_up(self, left: str | None) -> Iterator[str]:
        while self.made:
            path = self.made.pop()
            if left is not None and (path == left or path.startswith("/customers/")):
                yield f"left: {path}"
            elif not self.ask("DELETE", path).is_success:
                yield f"NOT DELETED: {path}; delete it by hand"


def _item(description: str = "Probe") -> Body:
    item = {"type": "POSITION", "itemType": "SERVICE", "number": "PROBE", "quantity": 1}
    return {**item, "single_price_net": 100, "vat_percent": 19, "description": description}


def probe(account: EasybillAccount, *, keep: bool) -> Iterator[str]:
    """Measure, one line each, and delete what was made; `keep` leaves one draft to be finalised."""
    if account.account == "main":
        raise ProbeRefused("Give the test account a name of its own first (EASYBILL_ACCOUNT).")
    probing = _open(account)
    left = None
    try:
        customer = probing.make("customers", json={"company_name": "Probe", "last_name": "Probe"})
        if customer is None:
            raise ProbeRefused("easybill refuses to create the probe's customer.")
        whose = customer["id"]
        kept = probing.draft(whose, [_item()])
        if kept is None:
            raise ProbeRefused("easybill refuses to create the probe's draft.")
        left = f"/documents/{kept['id']}" if keep else None
        yield f"external_id twice: {_accepted(probing.draft(whose, [_item()]))}"
        yield _linking(probing, kept["id"])
        yield _largest("positions", POSITIONS, lambda n: probing.draft(whose, [_item()] * n))
        yield _largest(
            "characters of a description",
            DESCRIPTION,
            lambda n: probing.draft(whose, [_item("x" * n)]),
        )
        yield _largest("MB of an attachment", MEGABYTES, lambda n: _upload(probing, n * 1_000_000))
        if keep:
            yield f"Finalise draft {kept['id']} by hand, then: --probe-finalised {kept['id']}"
    finally:
        yield from probing.clean_up(left)


def probe_finalised(account: EasybillAccount, document_id: int) -> Iterator[str]:
    """Whether a finalised document can be changed or deleted; only one of the probe's own."""
    probing, path = _open(account), f"/documents/{document_id}"
    found = probing.ask("GET", path)
    document: Body = found.json() if found.is_success else {}
    if document.get("external_id") != EXTERNAL_ID:
        raise ProbeRefused(f"Document {document_id} is not one of the probe's.")
    if document.get("is_draft"):
        raise ProbeRefused(f"Document {document_id} is a draft: finalise it by hand first.")
    body = {"text": "changed by the probe", "reason_for_change": "probe"}
    yield f"PUT on a finalised document: {_answered(probing.ask('PUT', path, json=body))}"
    yield f"DELETE on a finalised document: {_answered(probing.ask('DELETE', path))}"


def _open(account: EasybillAccount) -> _Probe:
    key = account.api_key.get_secret_value()
    http = Client(
        base_url=account.base_url, headers={"Authorization": f"Bearer {key}"}, timeout=120
    )
    return _Probe(http, RequestLimiter.in_memory(account.requests_per_minute))


def _largest(what: str, sizes: tuple[int, ...], attempt: Callable[[int], object]) -> str:
    accepted = 0
    for size in sizes:
        if attempt(size) is None:
            return f"most {what}: {accepted:,} accepted, {size:,} refused"
        accepted = size
    return f"most {what}: {accepted:,} accepted, more was not tried"


def _upload(probing: _Probe, size: int) -> Body | None:
    return probing.make("attachments", files={"file": ("probe.csv", b"x" * size, "text/csv")})


def _linking(probing: _Probe, document_id: int) -> str:
    file = _upload(probing, 10)
    before = probing.ask("GET", f"/documents/{document_id}").json().get("edited_at")
    if file is None:
        return "linking: the file was refused"
    # easybill's times have whole seconds.
    time.sleep(PAUSE_S)
    probing.ask("PUT", f"/attachments/{file['id']}", json={"document_id": document_id})
    after = probing.ask("GET", f"/documents/{document_id}").json().get("edited_at")
    return f"linking a file changes edited_at: {'no' if before == after else 'yes'}"


def _accepted(made: object) -> str:
    return "refused: it must be unique" if made is None else "accepted: it need not be unique"


def _answered(answer: Response) -> str:
    return f"{answer.status_code} {'accepted' if answer.is_success else 'refused'}"
