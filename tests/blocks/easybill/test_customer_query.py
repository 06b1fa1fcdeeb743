import re
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from blocks.easybill.customer_query import customer_requests
from blocks.easybill.transport import Request

BASE_PATH = "/rest/v1"


def request_line(request: Request) -> str:
    return f"GET {BASE_PATH}{request.path}?{request.query}&limit=1000&page=1000000 HTTP/1.1"


def numbers_in(request: Request) -> list[str]:
    """What easybill reads: split at commas, but not at escaped ones where the header says so."""
    value = unquote(request.query.removeprefix("number="))
    if not request.headers:
        return value.split(",")
    return [number.replace("\\,", ",") for number in re.split(r"(?<!\\),", value)]


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
    assert len(list(customer_requests(["x" * room], BASE_PATH))) == 1
    assert list(customer_requests(["x" * (room + 1)], BASE_PATH)) == []
    assert len(list(customer_requests(["a", "x" * (room - 2)], BASE_PATH))) == 1
    assert len(list(customer_requests(["a", "x" * (room - 1)], BASE_PATH))) == 2


def test_a_number_with_a_comma_is_escaped_in_a_request_of_its_own() -> None:
    plain, escaped = customer_requests(["K1", "A,B", "K2"], BASE_PATH)
    assert (plain.query, plain.headers) == ("number=K1,K2", {})
    assert (escaped.query, escaped.headers) == (
        "number=A%5C%2CB",
        {"X-Easybill-Escape": "true"},
    )


def test_special_characters_are_percent_encoded() -> None:
    (request,) = customer_requests(["ä &=/+%#?"], BASE_PATH)
    assert request.query == "number=%C3%A4%20%26%3D%2F%2B%25%23%3F"


def test_blank_numbers_are_not_asked_for() -> None:
    assert list(customer_requests(["", " ", "\t"], BASE_PATH)) == []


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=700), max_size=30))
def test_every_number_is_asked_for_once_in_lines_that_are_short_enough(numbers: list[str]) -> None:
    requests = list(customer_requests(numbers, BASE_PATH))
    assert all(len(request_line(request).encode()) <= 4094 for request in requests)
    asked = [number for request in requests for number in numbers_in(request)]
    fitting = {
        number
        for number in numbers
        if number.strip() and next(customer_requests([number], BASE_PATH), None)
    }
    if not any("\\" in number and "," in number for number in fitting):
        assert sorted(asked) == sorted(fitting)
