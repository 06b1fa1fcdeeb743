"""The simulated easybill and the sandbox answer the client alike, whatever is asked of them."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from blocks.easybill.client import EasybillClient
from blocks.easybill.errors import EasybillError
from blocks.easybill.limiter import RequestLimiter
from blocks.easybill.models import Attachment, Document
from tests.easybill_sandbox import RunningSandbox
from tests.simulation.client import SimEasybillClient
from tests.simulation.easybill import Refused, SimEasybill
from tests.simulation.luck import ToldLuck
from tests.simulation.process import Process
from tests.simulation.timeline import Timeline
from tests.simulation.wire import Wire

OPERATIONS = 80
NOBODY = (999_999_999, 999_999_999)
PRICES = ("0", "0.5", "12.5", "6833", "1999.99", "123450")


@dataclass(slots=True)
class Both:
    """Two easybills of which the same is asked; each has ids of its own, kept side by side."""

    rng: random.Random
    sim: SimEasybill
    sandbox: RunningSandbox
    clients: tuple[EasybillClient, EasybillClient]
    customers: list[tuple[int, int]] = field(default_factory=list)
    documents: list[tuple[int, int]] = field(default_factory=list)
    attachments: list[tuple[int, int]] = field(default_factory=list)

    def ask(self, name: str, *arguments: Any) -> list[Any]:
        """Ask both; a pair among the arguments is for each its own."""
        answers = []
        for n, client in enumerate(self.clients):
            own = [a[n] if isinstance(a, tuple) else a for a in arguments]
            answers.append(_answer(getattr(client, name), own))
        sim, sandbox = (self._comparable(n, answer) for n, answer in enumerate(answers))
        assert sim == sandbox, name
        return answers

    def _comparable(self, n: int, answer: object) -> object:
        match answer:
            case Document():
                ids = [self._known(n, self.attachments, a) for a in answer.attachment_ids]
                said = answer.model_dump(include=_COMPARED)
                return said, answer.cancel_id is None, len(answer.items), ids
            case Attachment():
                return answer.file_name, self._known(n, self.documents, answer.document_id)
            case dict():
                return {number: len(customers) for number, customers in answer.items()}
            case list():
                return [self._comparable(n, entry) for entry in answer]
            case _:
                return answer

    def _known(self, n: int, pairs: list[tuple[int, int]], wanted: int | None) -> int | None:
        return next((place for place, pair in enumerate(pairs) if pair[n] == wanted), None)


_COMPARED = {"is_draft", "amount", "amount_net", "external_id"}


def _answer(method: Callable[..., Any], arguments: list[Any]) -> Any:
    try:
        found = method(*arguments)
        return list(found) if hasattr(found, "__next__") else found
    except EasybillError as error:
        return type(error), error.status


def _body(both: Both, n: int) -> tuple[dict[str, object], dict[str, object]]:
    rng = both.rng
    items = [
        {
            "type": "POSITION",
            "itemType": "SERVICE",
            "number": f"S{place}",
            "description": "Beratung",
            "quantity": Decimal(rng.choice(["1", "0.3333", "12"])),
            "single_price_net": Decimal(rng.choice(PRICES)),
            "vat_percent": Decimal(rng.choice(["19", "7", "0"])),
        }
        for place in range(rng.randint(1, 3))
    ]
    body = {
        "type": "INVOICE",
        "external_id": f"oms:2026-10:K{n % 2}",
        "currency": "EUR",
        "calc_vat_from": 0,
        "vat_option": rng.choice([None, None, "IG"]),
        "items": items,
    }
    customer = rng.choice([*both.customers, NOBODY])
    sim, sandbox = ({**body, "customer_id": customer_id} for customer_id in customer)
    return sim, sandbox


def _do_something(both: Both, n: int) -> None:
    rng = both.rng
    document = rng.choice([*both.documents, NOBODY])
    attachment = rng.choice([*both.attachments, NOBODY])
    operation = rng.randrange(9)
    if operation < 2:
        answers = both.ask("create_draft", _body(both, n))
        if isinstance(answers[0], Document):
            both.documents.append((answers[0].id, answers[1].id))
    elif operation == 2:
        uploaded = both.ask("upload_attachment", f"2026-10-K{n % 3}-abc.csv", b"csv")
        both.attachments.append((uploaded[0].id, uploaded[1].id))
    elif operation == 3:
        both.ask("link_attachment", attachment, document)
        both.ask("read_attachment", attachment)
    elif operation == 4:
        both.ask("update_draft", document, _body(both, n))
    elif operation == 5 and rng.random() < 0.5:
        both.ask(*rng.choice([("delete_draft", document), ("delete_attachment", attachment)]))
    elif operation in _ACCOUNTANT:
        _ACCOUNTANT[operation](both, document)
    both.ask("read_document", document)


def _finalise(both: Both, document: tuple[int, int]) -> None:
    listed = [entry["id"] for entry in both.sandbox.drafts()]
    try:
        both.sim.act(document[0], "finalises")
    except Refused:
        assert document[1] not in listed
    else:
        both.sandbox.finalise(document[1])


def _cancel(both: Both, document: tuple[int, int]) -> None:
    try:
        both.sim.act(document[0], "cancels")
    except Refused:
        with pytest.raises(httpx.HTTPStatusError):
            both.sandbox.cancel(document[1])
    else:
        both.sandbox.cancel(document[1])


_ACCOUNTANT = {6: _finalise, 7: _cancel}


@pytest.fixture
def both(sandbox: RunningSandbox) -> Both:
    timeline = Timeline()
    sim = SimEasybill(lambda: timeline.now)
    wire = Wire(timeline, sim, lambda who, text: None)
    process = Process(timeline, "test", ToldLuck())
    real = EasybillClient(
        SecretStr(sandbox.api_key),
        sandbox.base_url,
        limiter=RequestLimiter.in_memory(1_000_000),
    )
    found = Both(random.Random(5), sim, sandbox, (SimEasybillClient(wire, process), real))
    for number in ("K1", "K2"):
        body = {"number": number, "company_name": "Weiß GmbH"}
        (created,) = sandbox.add_customers([body])
        found.customers.append((sim.create_customer(body).id, created["id"]))
    return found


def test_both_easybills_answer_alike(both: Both) -> None:
    def ask_everything() -> None:
        for n in range(OPERATIONS):
            _do_something(both, n)
        both.ask("list_attachments")
        both.ask("find_customers", ["K1", "K3"])

    timeline = both.clients[0]._wire.timeline  # type: ignore[attr-defined]
    timeline.spawn(0, ask_everything)
    timeline.run()
    assert both.documents
    first = date(2026, 11, 1)
    listed = [list(both.clients[1].list_documents(edited_from=first)), both.sim.documents.values()]
    assert [len(entries) for entries in listed] == [len(both.sim.documents)] * 2
