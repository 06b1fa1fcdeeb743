from hypothesis import given
from hypothesis import strategies as st

from blocks.easybill.customer_query import customer_requests
from blocks.easybill.transport import Request

BASE_PATH = "/rest/v1"
NUMBERS = st.from_regex(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}", fullmatch=True)


def request_line(request: Request) -> str:
    return f"GET {BASE_PATH}{request.path}?{request.query}&limit=1000&page=1000000 HTTP/1.1"


def numbers_in(request: Request) -> list[str]:
    return request.query.removeprefix("number=").split(",")


def test_at_least_300_ordinary_numbers_fit_one_request() -> None:
    numbers = [f"K{number}" for number in range(12346, 12346 + 500)]
    (request,) = customer_requests(numbers, BASE_PATH)
    assert request.query.startswith("number=K12346,K12347,")
    assert numbers_in(request) == numbers


def test_the_largest_month_takes_few_requests() -> None:
    numbers = [f"K{number}" for number in range(10_000, 11_711)]
    requests = list(customer_requests(numbers, BASE_PATH))
    assert len(requests) <= -(-1711 // 300)
    assert [number for request in requests for number in numbers_in(request)] == numbers


def test_a_line_is_filled_to_the_last_byte_but_no_further() -> None:
    room = 4094 - len(request_line(Request("GET", "/customers", "number=")))
    assert len(list(customer_requests(["a", "x" * (room - 2)], BASE_PATH))) == 1
    assert len(list(customer_requests(["a", "x" * (room - 1)], BASE_PATH))) == 2


def test_other_characters_are_percent_encoded() -> None:
    (request,) = customer_requests(["ä &=+%#?"], BASE_PATH)
    assert request.query == "number=%C3%A4%20%26%3D%2B%25%23%3F"


@given(st.lists(NUMBERS, max_size=300))
def test_every_number_is_asked_for_in_lines_that_are_short_enough(numbers: list[str]) -> None:
    requests = list(customer_requests(numbers, BASE_PATH))
    assert all(len(request_line(request).encode()) <= 4094 for request in requests)
    assert [number for request in requests for number in numbers_in(request)] == numbers
