import json
from socketserver import StreamRequestHandler

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from blocks.easybill.account import EasybillAccount
from blocks.easybill.answers import error_of
from blocks.easybill.calls import ApiCall
from tests.blocks.easybill.wire import KEY, a_page, raw_server, read_request


def test_only_the_key_must_be_given() -> None:
    account = EasybillAccount(api_key=SecretStr(KEY))
    assert account.base_url == "https://api.easybill.de/rest/v1"
    assert (account.requests_per_minute, account.account) == (10, "main")
    assert (account.create_customers, account.csv_price_basis) == (False, "gross")
    assert account.cancellation_fee_label == "Stornogebühr: "
    assert account.link_to(17) is None


def test_the_block_type_has_its_fixed_name() -> None:
    assert EasybillAccount.get_block_type_name() == "EasybillAccount"
    assert EasybillAccount.get_block_type_slug() == "easybillaccount"


def test_the_key_is_in_no_text_of_the_block() -> None:
    account = EasybillAccount(api_key=SecretStr(KEY))
    assert KEY not in f"{account!r} {account} {account.model_dump_json()} {account.model_dump()}"
    assert KEY not in f"{account.get_client()!r}"


@pytest.mark.parametrize(
    "wrong",
    [
        {"api_key": ""},
        {"api_key": f"{KEY} {KEY}"},
        {"api_key": f"{KEY}ä"},
        {"api_key": f"{KEY}\x00"},
        {"requests_per_minute": 0},
        {"account": ""},
        {"csv_price_basis": "both"},
        {"base_url": "api.easybill.de/rest/v1"},
        {"base_url": "ftp://api.easybill.de"},
        {"base_url": "https://"},
        {"base_url": "https://h:99999"},
        {"base_url": f"https://user:{KEY}@api.easybill.de"},
        {"base_url": "https://api.easybill.de/?a=b"},
        {"document_url": "https://app.example.com/documents/"},
        {"document_url": "javascript:alert({document_id})"},
        {"document_url": "https:///documents/{document_id}"},
        {"document_url": "https://app.example.com/{customer}/{document_id}"},
        {"document_url": 'https://app.example.com/"{document_id}'},
    ],
)
def test_a_wrong_value_is_refused_and_not_shown(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as raised:
        EasybillAccount.model_validate({"api_key": KEY} | wrong)
    (name,) = wrong
    assert [error["loc"] for error in raised.value.errors()] == [(name,)]
    assert KEY not in f"{raised.value} {raised.value!r}"


def test_a_key_and_a_url_lose_spaces_and_a_last_slash() -> None:
    account = EasybillAccount(api_key=SecretStr(f" {KEY}\n"), base_url="http://127.0.0.1:8900/v1/")
    assert account.api_key.get_secret_value() == KEY
    assert account.base_url == "http://127.0.0.1:8900/v1"


class WaitOnce:
    """A window that has no turn at first."""

    limit = 10

    def __init__(self) -> None:
        self.waits = [0.0, 0.01]

    def take(self, requests: int = 1) -> float:
        return self.waits.pop()

    def pause(self, seconds: float) -> None:
        raise AssertionError(f"nobody asked for a pause of {seconds} s")


def answer_no_logins(talk: StreamRequestHandler) -> None:
    read_request(talk)
    body = json.dumps(a_page()).encode()
    talk.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


def test_a_client_waits_for_its_turn_at_the_window_that_it_is_given() -> None:
    window, calls = WaitOnce(), list[ApiCall]()
    with raw_server(answer_no_logins) as url:
        account = EasybillAccount(api_key=SecretStr(KEY), base_url=url)
        with account.get_client(window=window, on_call=calls.append) as client:
            assert client.list_logins() == []
    assert window.waits == []
    assert [call.outcome for call in calls] == ["success"]


def test_what_the_window_raises_keeps_the_request_from_being_sent() -> None:
    class Broken(WaitOnce):
        def take(self, requests: int = 1) -> float:
            raise LookupError("the window is gone")

    calls: list[ApiCall] = []
    account = EasybillAccount(api_key=SecretStr(KEY), base_url="http://127.0.0.1:1")
    with (
        account.get_client(window=Broken(), on_call=calls.append) as client,
        pytest.raises(LookupError, match="the window is gone"),
    ):
        client.create_draft({})
    assert calls == []


def test_without_a_window_a_client_counts_alone() -> None:
    calls: list[ApiCall] = []
    with raw_server(answer_no_logins) as url:
        account = EasybillAccount(api_key=SecretStr(KEY), base_url=url)
        with account.get_client(on_call=calls.append) as client:
            assert client.list_logins() == []
    assert [call.path for call in calls] == ["/logins"]


def test_a_refused_key_is_sought_where_it_comes_from() -> None:
    account = EasybillAccount(api_key=SecretStr(KEY), base_url="http://127.0.0.1:1")
    account._block_document_name = "easybill"
    refused = httpx.Response(401, json={"message": "Nein."})
    assert account.key_from == "the block easybillaccount/easybill"
    error = error_of("GET", "/logins", refused, refused.content, KEY, account.key_from)
    assert "Check the API key (the block easybillaccount/easybill)." in str(error)
