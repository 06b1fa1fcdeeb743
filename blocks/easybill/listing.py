"""A list in several pages, read whole although it may change meanwhile."""

from collections.abc import Callable, Hashable
from typing import TypeVar

from blocks.easybill.errors import Unavailable
from blocks.easybill.models import Attachment, Customer, Document, Login, Page, UnreadableEntry

Entry = TypeVar("Entry", bound=Login | Customer | Document | Attachment | UnreadableEntry)

# A million entries; an answer that claims more is wrong.
_MOST_PAGES = 1000
_MOST_READINGS = 4
# The first entries of a page, this many, are the last ones of the page before.
_OVERLAP = 2


def whole_list(read_page: Callable[[int], Page[Entry]], name: str) -> list[Entry]:
    """Read one page, or all pages again and again until nothing is missing that was there before.

    From the first page to the last, a new entry hides none: it moves others to pages that are still
    to be read. A deletion moves others to pages that were read already; but what is deleted is
    missing from the next reading, so that this one does not count. Raises Unavailable.
    """
    earlier: set[Hashable] | None = None
    for _ in range(_MOST_READINGS):
        entries, pages, total = _read_pages(read_page, name)
        if pages == 1:
            return entries
        found = {entry if entry.id is None else entry.id: entry for entry in entries}
        is_whole = len(entries) >= total
        if is_whole and earlier is not None and earlier <= found.keys():
            return list(found.values())
        earlier = set(found)
        # Two readings at once would take twice the memory.
        del entries, found
    raise Unavailable(f"{name} gave another list at each reading; try again.")


def _read_pages(read_page: Callable[[int], Page[Entry]], name: str) -> tuple[list[Entry], int, int]:
    """The entries of all pages, how many pages there were, and how many entries the first said."""
    page = read_page(1)
    entries, total, read = list(page.items), page.total, 1
    while read < page.pages:
        if page.pages > _MOST_PAGES:
            raise Unavailable(f"{name} has {page.pages} pages: too many to read.")
        read += 1
        page = read_page(read)
        entries += page.items
    return entries, read, total


def overlapping_pages(
    read_page: Callable[[int, int], Page[Entry]], name: str, size: int
) -> list[Entry]:
    """Read a list whose order is fixed, each page once; each is a little smaller than the last.

    A page that shares an entry with the one before it proves that nothing was passed over between
    the two, whatever was deleted meanwhile; else the list is read again. Raises Unavailable.
    """
    for _ in range(_MOST_READINGS):
        found = _linked_pages(read_page, size)
        if found is not None:
            return found
    raise Unavailable(f"{name} gave another list at each reading; try again.")


def _linked_pages(read_page: Callable[[int, int], Page[Entry]], size: int) -> list[Entry] | None:
    """The entries of all pages; None where two of them do not hang together."""
    found: dict[Hashable, Entry] = {}
    number, last = 1, frozenset[Hashable]()
    while size > _OVERLAP:
        page = read_page(number, size)
        by_id: dict[Hashable, Entry] = {e if e.id is None else e.id: e for e in page.items}
        is_end = number * size >= page.total
        if number > 1 and last.isdisjoint(by_id):
            return None
        found |= by_id
        if is_end:
            return list(found.values())
        last, number, size = frozenset(by_id), number + 1, (number * size - _OVERLAP) // number
    return None
