"""Finds many customers by their numbers in few requests."""

from collections.abc import Iterable, Iterator
from urllib.parse import quote

from blocks.easybill.transport import Request

# easybill answers 414 to a longer request line (API description, "Query filter").
LONGEST_REQUEST_LINE_BYTES = 4094
_PATH = "/customers"
# Room for the number of any page that may have to follow.
_PAGING = "&limit=1000&page=1000000"


def customer_requests(numbers: Iterable[str], base_path: str) -> Iterator[Request]:
    """The requests that ask for every number, each line within easybill's limit.

    The numbers are as the OMS may have them: 1 to 64 letters, digits, dots, dashes and
    underscores. A number with a comma would be read as two.
    """
    line_without_numbers = f"GET {base_path}{_PATH}?number={_PAGING} HTTP/1.1"
    room = LONGEST_REQUEST_LINE_BYTES - len(line_without_numbers)
    batch = ""
    for number in numbers:
        longer = f"{batch},{quote(number)}" if batch else quote(number)
        if len(longer) > room:
            yield Request("GET", _PATH, f"number={batch}")
            longer = quote(number)
        batch = longer
    if batch:
        yield Request("GET", _PATH, f"number={batch}")
