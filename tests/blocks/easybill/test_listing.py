"""Lists in several pages, of an account in which others work meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.easybill.errors import Unavailable
from blocks.easybill.listing import overlapping_pages
from blocks.easybill.models import Attachment, Page
from tests.blocks.easybill.wire import Wire, a_page, always

PER_PAGE = 3


@dataclass
class Files:
    """The files of an account, newest first or last; `events` happen between two requests."""

    ids: list[int]
    newest_first: bool
    events: dict[int, list[str]]
    uploaded: int = 1000
    asked: list[int] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        page = int(request.url.params["page"])
        assert request.url.params["limit"] == "1000"
        for event in self.events.get(len(self.asked), ()):
            self._happen(event)
        self.asked.append(page)
        ids = sorted(self.ids, reverse=self.newest_first)
        shown = [{"id": n, "file_name": "x"} for n in ids[PER_PAGE * (page - 1) : PER_PAGE * page]]
        pages = -(-len(ids) // PER_PAGE)
        return httpx.Response(
            200, json=a_page(*shown, page=page, pages=pages) | {"total": len(ids)}
        )

    def _happen(self, event: str) -> None:
        if event == "upload":
            self.uploaded += 1
            self.ids.append(self.uploaded)
        elif self.ids:
            del self.ids[int(event) % len(self.ids)]


def listed(answer: Callable[[httpx.Request], httpx.Response]) -> tuple[list[int | None], int]:
    wire = Wire(answer)
    return [file.id for file in wire.client.list_attachments()], len(wire.requests)


EVENTS = st.dictionaries(
    st.integers(0, 16), st.lists(st.just("upload") | st.integers(0, 20).map(str), max_size=3)
)


@given(count=st.integers(0, 14), newest_first=st.booleans(), events=EVENTS)
def test_what_is_there_all_the_time_is_never_missing(
    count: int, newest_first: bool, events: dict[int, list[str]]
) -> None:
    files = Files(list(range(1, count + 1)), newest_first, events)
    try:
        found, _ = listed(files.answer)
    except Unavailable:
        assert events
        return
    assert set(files.ids) & set(range(1, count + 1)) <= set(found)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("deleted", range(6))
@pytest.mark.parametrize("after", range(1, 4))
def test_a_change_that_leaves_the_total_hides_nothing(
    newest_first: bool, deleted: int, after: int
) -> None:
    files = Files([1, 2, 3, 4, 5, 6], newest_first, {after: ["upload", str(deleted)]})
    found, _ = listed(files.answer)
    assert {1, 2, 3, 4, 5, 6} - {deleted + 1} <= set(found)


@pytest.mark.parametrize("newest_first", [True, False])
def test_uploads_that_never_end_keep_nobody_waiting(newest_first: bool) -> None:
    files = Files([1, 2, 3, 4, 5, 6], newest_first, {n: ["upload"] for n in range(100)})
    found, _ = listed(files.answer)
    assert {1, 2, 3, 4, 5, 6} <= set(found)


def test_a_list_that_stands_still_is_read_twice() -> None:
    files = Files([1, 2, 3, 4, 5, 6, 7], newest_first=False, events={})
    assert listed(files.answer) == ([1, 2, 3, 4, 5, 6, 7], 6)
    assert files.asked == [1, 2, 3, 1, 2, 3]


@pytest.mark.parametrize("count", [0, 1, PER_PAGE])
def test_a_list_of_one_page_takes_one_request(count: int) -> None:
    files = Files(list(range(1, count + 1)), newest_first=False, events={})
    assert listed(files.answer) == (list(range(1, count + 1)), 1)


def test_a_list_that_loses_something_at_each_reading_is_unavailable() -> None:
    files = Files(list(range(1, 31)), newest_first=False, events={n: ["0"] for n in range(100)})
    with pytest.raises(Unavailable, match="another list at each reading"):
        listed(files.answer)
    assert len(files.asked) <= 4 * 10


def test_a_list_that_is_shorter_than_it_says_is_unavailable() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params["page"])
        entry = {"id": page, "file_name": "x"}
        return httpx.Response(200, json=a_page(entry, page=page, pages=2) | {"total": 5})

    with pytest.raises(Unavailable, match="another list at each reading"):
        listed(answer)


def test_a_list_that_claims_endless_pages_is_not_read() -> None:
    page = a_page({"id": 1, "file_name": "x"}, page=1, pages=10**9)
    wire = Wire(always(200, page | {"total": 10**12}))
    with pytest.raises(Unavailable, match="1000000000 pages"):
        wire.client.list_attachments()
    assert len(wire.requests) == 1


def test_a_list_that_grows_without_end_is_given_up() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params["page"])
        entry = {"id": page, "file_name": "x"}
        return httpx.Response(200, json=a_page(entry, page=page, pages=page + 1))

    with pytest.raises(Unavailable, match="1001 pages"):
        listed(answer)


def test_a_server_that_repeats_a_page_is_not_believed() -> None:
    wire = Wire(always(200, a_page({"id": 1, "file_name": "x"}, page=1, pages=2)))
    with pytest.raises(Unavailable):
        wire.client.list_attachments()
    assert len(wire.requests) == 2


@given(
    count=st.integers(0, 40),
    newest_first=st.booleans(),
    gone=st.dictionaries(st.integers(1, 5), st.lists(st.integers(0, 40), max_size=4), max_size=3),
)
def test_overlapping_pages_miss_nothing_that_is_there_all_the_time(
    count: int, newest_first: bool, gone: dict[int, list[int]]
) -> None:
    there, asked, always_there = list(range(count)), 0, set(range(count))

    def read_page(number: int, size: int) -> Page[Attachment]:
        nonlocal asked
        for at in gone.get(asked, ()) if there else ():
            if there:
                always_there.discard(there.pop(at % len(there)))
                there.append(1000 + len(there) + 50 * asked)
        asked += 1
        listed = sorted(there, reverse=newest_first)
        shown = listed[(number - 1) * size : number * size]
        items = tuple(Attachment(id=n, file_name="x") for n in shown)
        return Page[Attachment](page=number, pages=9, total=len(listed), items=items)

    try:
        found = {file.id for file in overlapping_pages(read_page, "GET /files", 14)}
    except Unavailable:
        return
    assert always_there <= found


def test_a_list_of_1425_takes_two_pages_that_hang_together() -> None:
    asked: list[tuple[int, int]] = []

    def read_page(number: int, size: int) -> Page[Attachment]:
        asked.append((number, size))
        ids = range(1425)[(number - 1) * size : number * size]
        items = tuple(Attachment(id=n, file_name="x") for n in ids)
        return Page[Attachment](page=number, pages=2, total=1425, items=items)

    assert len(overlapping_pages(read_page, "GET /files", 1000)) == 1425
    # Page 2 begins with entries 998 and 999, which page 1 has too.
    assert asked == [(1, 1000), (2, 998)]
