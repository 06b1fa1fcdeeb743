"""Asking for many customers by their numbers in few requests."""

from collections.abc import Iterable, Iterator
from urllib.parse import quote

from blocks.easybill.transport import Request

# easybill answers 414 to a longer request line (API description, "Query filter").
LONGEST_REQUEST_LINE_BYTES = 4094
_PATH = "/customers"
# Room for the number of any page that may have to follow.
_REST = "&limit=1000&page=1000000"


def customer_requests(numbers: Iterable[str], base_path: str) -> Iterator[Request]:
    """Ask for every number in few requests, each line within easybill's limit.

    Numbers with a comma go in requests of their own, since the header that lets a comma be
    escaped changes how the whole query is read. A blank number is left out (easybill would
    answer with every customer), and so is one too long for any request line.
    """
    asked = [number for number in dict.fromkeys(numbers) if number.strip()]
    room = LONGEST_REQUEST_LINE_BYTES - len(
        f"GET {base_path.rstrip('/')}{_PATH}?number={_REST} HTTP/1.1"
    )
    plain = (_quoted(number) for number in asked if "," not in number)
    with_comma = (_quoted(number) for number in asked if "," in number)
    for batch in _packed(plain, room):
        yield Request("GET", _PATH, f"number={batch}")
    for batch in _packed(with_comma, room):
        yield Request("GET", _PATH, f"number={batch}", headers={"X-Easybill-Escape": "true"})


def _quoted(number: str) -> str:
    return quote(number.replace(",", "\\,"), safe="", errors="replace")


def _packed(quoted: Iterable[str], room: int) -> Iterator[str]:
    batch = ""
    for number in quoted:
        longer = f"{batch},{number}" if batch else number
        if len(longer) <= room:
            batch = longer
            continue
        if batch:
            yield batch
        batch = number if len(number) <= room else ""
    if batch:
        yield batch
