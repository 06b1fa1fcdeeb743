"""A document is written over or deleted right after a look that found it untouched."""

from collections.abc import Callable

import httpx
import pytest
from pydantic import SecretStr

from blocks.easybill.client import EasybillClient
from blocks.easybill.errors import NotFound, NotSent, OutcomeUnknown, Rejected, Unavailable
from blocks.easybill.limiter import RequestLimiter
from blocks.easybill.memory_window import MemoryWindow
from blocks.easybill.models import Document
from blocks.easybill.touched import Touched
from tests.blocks.easybill.sandbox.bodies import create_draft
from tests.blocks.easybill.test_memory_window import FakeClock
from tests.blocks.easybill.wire import Handler, Wire, a_document
from tests.easybill_sandbox import RunningSandbox

LOOK, LINK = "GET /rest/v1/documents/7", "PUT /rest/v1/attachments/3"
Write = Callable[[EasybillClient, Callable[[Document], bool]], object]
WRITES: dict[str, Write] = {
    "PUT": lambda client, untouched: client.update_untouched(7, {"title": "x"}, untouched),
    "DELETE": lambda client, untouched: client.delete_untouched(7, untouched),
}
each_write = pytest.mark.parametrize("method", list(WRITES))


class Told:
    """What a client did in order: waits with their seconds, and requests."""

    def __init__(self, limit: int, answers: dict[str, int] | None = None) -> None:
        self.events: list[str] = []
        self.clock = FakeClock()
        window = MemoryWindow(limit, 61.0, self.clock)
        self.wire = Wire(self._answer(answers or {}), RequestLimiter(window, self._sleep))
        self.client = self.wire.client

    def _sleep(self, seconds: float) -> None:
        self.events.append(f"wait {seconds:.0f}")
        self.clock.ms += round(seconds * 1000)

    def _answer(self, answers: dict[str, int]) -> Handler:
        def answer(request: httpx.Request) -> httpx.Response:
            self.events.append(f"{request.method} {request.url.path}")
            body = {"id": 3, "file_name": "x"} if "attachments" in request.url.path else {}
            return httpx.Response(answers.get(request.method, 200), json=a_document(**body))

        return answer


def as_left(_: Document) -> bool:
    return True


@each_write
@pytest.mark.parametrize("limit", [2, 3, 10])
def test_no_wait_lies_between_the_look_and_the_write(method: str, limit: int) -> None:
    told = Told(limit)
    for _ in range(limit - 1):
        told.client.link_attachment(3, 7)
    WRITES[method](told.client, as_left)
    write = f"{method} /rest/v1/documents/7"
    assert told.events == [*[LINK] * (limit - 1), "wait 61", LOOK, write]


@each_write
def test_with_one_turn_a_minute_both_turns_are_waited_for_before_the_look(method: str) -> None:
    told = Told(limit=1)
    WRITES[method](told.client, as_left)
    told.client.link_attachment(3, 7)
    assert told.events == ["wait 61", LOOK, f"{method} /rest/v1/documents/7", "wait 61", LINK]


@each_write
def test_what_is_not_untouched_is_left_alone(method: str) -> None:
    told = Told(limit=10)
    with pytest.raises(Touched) as raised:
        WRITES[method](told.client, lambda document: document.amount == 1)
    assert raised.value.document.amount == 11900
    assert told.events == [LOOK]
    assert isinstance(raised.value, NotSent)


@each_write
def test_what_is_gone_is_not_found_by_the_look_or_by_the_write(method: str) -> None:
    gone_before, gone_meanwhile = Told(10, {"GET": 404}), Told(10, {method: 404})
    for told in (gone_before, gone_meanwhile):
        with pytest.raises(NotFound):
            WRITES[method](told.client, as_left)
    assert len(gone_before.events) == 1
    assert len(gone_meanwhile.events) == 2


@each_write
def test_a_look_that_fails_is_no_doubtful_write(method: str) -> None:
    told = Told(10, {"GET": 502})
    with pytest.raises(Unavailable):
        WRITES[method](told.client, as_left)
    told = Told(10, {method: 502})
    with pytest.raises(OutcomeUnknown):
        WRITES[method](told.client, as_left)


def test_the_answer_to_the_update_says_what_became_of_the_document() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        is_read = request.method == "GET"
        edited_at = "2026-11-01 06:00:01" if is_read else "2026-11-01 06:30:00"
        return httpx.Response(200, json=a_document(is_draft=is_read, edited_at=edited_at))

    document = Wire(answer).client.update_untouched(7, {}, as_left)
    assert (document.is_draft, document.edited_at) == (False, "2026-11-01 06:30:00")


@each_write
def test_each_of_the_two_requests_is_checked_and_kept(method: str) -> None:
    told = Told(limit=10)
    checked: list[int] = []
    client = told.client.reporting_to(
        told.wire.calls.append, before_send=lambda: checked.append(len(told.events))
    )
    WRITES[method](client, as_left)
    assert checked == [0, 1]
    assert [call.method for call in told.wire.calls] == ["GET", method]


@each_write
def test_a_run_that_may_not_send_any_more_does_not_write_what_it_looked_at(method: str) -> None:
    told = Told(limit=10)

    def stop() -> None:
        if told.events:
            raise NotSent("the run was stopped")

    client = told.client.reporting_to(told.wire.calls.append, before_send=stop)
    with pytest.raises(NotSent):
        WRITES[method](client, as_left)
    assert told.events == [LOOK]
    assert [call.method for call in told.wire.calls] == ["GET"]


@each_write
def test_a_stop_ends_the_wait_for_both_turns(method: str) -> None:
    told = Told(limit=2)
    told.client.link_attachment(3, 7)

    def stop() -> None:
        raise NotSent("the run was stopped")

    client = told.client.reporting_to(told.wire.calls.append, while_waiting=stop)
    with pytest.raises(NotSent):
        WRITES[method](client, as_left)
    assert told.events == [LINK]


def test_turns_that_were_waited_for_are_for_so_many_requests_and_no_more() -> None:
    told = Told(limit=2)
    client = told.client.with_turns(2)
    for _ in range(3):
        client.read_document(7)
    assert told.events == [LOOK, LOOK, "wait 61", LOOK]


def test_a_further_request_waits_for_its_own_turn() -> None:
    told = Told(limit=2)
    told.client.update_untouched(7, {}, as_left)
    told.client.read_document(7)
    assert told.events == [LOOK, "PUT /rest/v1/documents/7", "wait 61", LOOK]


def at(sandbox: RunningSandbox) -> EasybillClient:
    limiter = RequestLimiter.in_memory(1000)
    return EasybillClient(SecretStr(sandbox.api_key), sandbox.base_url, limiter=limiter)


def test_a_document_that_is_finalised_after_the_look_may_be_changed_and_the_answer_says_so(
    sandbox: RunningSandbox,
) -> None:
    sandbox.when_finalised(update="makes a version")
    document_id = create_draft(sandbox)["id"]
    with at(sandbox) as client:
        changed = client.update_untouched(
            document_id, {"title": "x"}, lambda seen: bool(sandbox.finalise(seen.id))
        )
    assert not changed.is_draft
    assert len(sandbox.versions(document_id)) == 1


def test_a_document_that_is_finalised_after_the_look_may_be_refused(
    sandbox: RunningSandbox,
) -> None:
    document_id = create_draft(sandbox)["id"]
    with at(sandbox) as client, pytest.raises(Rejected, match="finalised"):
        client.update_untouched(
            document_id, {"title": "x"}, lambda seen: bool(sandbox.finalise(seen.id))
        )


def test_a_document_that_is_finalised_after_the_look_may_be_deleted(
    sandbox: RunningSandbox,
) -> None:
    sandbox.when_finalised(delete="deleted")
    document_id = create_draft(sandbox)["id"]
    with at(sandbox) as client:
        client.delete_untouched(document_id, lambda seen: bool(sandbox.finalise(seen.id)))
    assert sandbox.http.get(f"/documents/{document_id}").status_code == 404
