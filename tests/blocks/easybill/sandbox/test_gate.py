"""What every request passes: key, line length, limit, faults, record."""

import time

import httpx
import pytest

from blocks.easybill.sandbox.request_limit import RequestLimit
from tests.blocks.easybill.sandbox.bodies import create_draft, draft
from tests.easybill_sandbox import RunningSandbox, exact, running_sandbox


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("Bearer sandbox-key", 200),
        ("bearer sandbox-key", 200),
        ("Basic YUBiLmV4YW1wbGU6c2FuZGJveC1rZXk=", 200),
        ("Bearer other-key", 401),
        ("Bearer", 401),
        ("sandbox-key", 401),
        ("Basic OnNhbmRib3gta2V5", 401),
        ("Basic sandbox-key", 401),
        ("", 401),
    ],
)
def test_only_the_right_key_is_accepted(
    sandbox: RunningSandbox, authorization: str, status: int
) -> None:
    answer = sandbox.http.get("/logins", headers={"Authorization": authorization})
    assert answer.status_code == status
    if status == 401:
        assert answer.json()["code"] == 401


def test_a_request_line_of_4094_bytes_is_the_longest(sandbox: RunningSandbox) -> None:
    room = 4094 - len("GET /rest/v1/documents?title= HTTP/1.1")
    assert sandbox.http.get(f"/documents?title={'x' * room}").status_code == 200
    assert sandbox.http.get(f"/documents?title={'x' * (room + 1)}").status_code == 414


def test_a_request_over_the_limit_learns_how_long_to_wait() -> None:
    with running_sandbox(requests_per_minute=2) as sandbox:
        answers = [sandbox.http.get("/logins") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert 58 <= int(answers[2].headers["Retry-After"]) <= 60


def test_the_limit_is_a_sliding_window() -> None:
    arrivals = (0.0, 30.0, 59.9, 60.0, 60.1, 90.0)
    limit = RequestLimit(2, iter(arrivals).__next__)
    waits = [limit.seconds_to_wait() for _ in arrivals]
    assert waits == [0, 0, 1, 0, 30, 0]


def test_a_wrong_base_url_is_answered_with_the_right_one(sandbox: RunningSandbox) -> None:
    for path in ("logins", "rest/v2/logins"):
        answer = httpx.get(sandbox.page_url + path)
        assert answer.status_code == 404
        assert sandbox.base_url in answer.json()["message"]
    posted = httpx.post(sandbox.page_url + "documents/1")
    assert sandbox.base_url in posted.json()["message"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/imports"), ("PATCH", "/documents")])
def test_an_unknown_resource_is_not_found(sandbox: RunningSandbox, method: str, path: str) -> None:
    assert sandbox.http.request(method, path).status_code in (404, 405)


def test_requests_are_recorded_without_the_key(sandbox: RunningSandbox) -> None:
    before = time.time()
    document = create_draft(sandbox)
    sandbox.http.get(f"/documents/{document['id']}?a=1&a=%C3%BC")
    posted, read = sandbox.requests()
    assert (posted["method"], posted["path"], posted["status"]) == ("POST", "/documents", 201)
    assert '"external_id"' in posted["body"]
    assert before <= posted["arrived_at"] <= read["arrived_at"] <= time.time()
    assert read["query"] == [["a", "1"], ["a", "ü"]]
    assert read["route"] == "GET /documents/{id}"
    assert "sandbox-key" not in str([posted, read])
    assert sandbox.counts() == {"POST /documents": 1, "GET /documents/{id}": 1}
    assert sandbox.writes() == 1
    sandbox.forget_requests()
    assert (sandbox.requests(), sandbox.counts()) == ([], {})


def test_only_the_latest_requests_are_kept_but_all_are_counted(sandbox: RunningSandbox) -> None:
    url = f"{sandbox.page_url}_sandbox/requests"
    assert httpx.put(url, json={"keep": 2}).status_code == 204
    for page in (1, 2, 3):
        sandbox.http.get(f"/logins?page={page}")
    assert [each["query"] for each in sandbox.requests()] == [[["page", "2"]], [["page", "3"]]]
    assert sandbox.counts() == {"GET /logins": 3}
    assert httpx.put(url, json={"keep": -1}).status_code == 400


@pytest.mark.parametrize(("effect", "drafts"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize(("kind", "status"), [("status", 503), ("garbage", 200)])
def test_a_wrong_answer_comes_before_or_after_the_effect(
    sandbox: RunningSandbox, kind: str, status: int, effect: str, drafts: int
) -> None:
    sandbox.plant_fault(kind, "POST", "/documents", status=503, effect=effect)
    answer = sandbox.http.post("/documents", json=draft(None))
    assert answer.status_code == status
    with pytest.raises(ValueError, match="Expecting value"):
        answer.json()
    assert len(sandbox.drafts()) == drafts
    create_draft(sandbox)


@pytest.mark.parametrize(("kind", "drafts"), [("close_before", 0), ("close_after", 1)])
def test_a_connection_is_cut_before_or_after_the_effect(
    sandbox: RunningSandbox, kind: str, drafts: int
) -> None:
    sandbox.plant_fault(kind, "POST", "/documents")
    with pytest.raises(httpx.TransportError):
        sandbox.http.post("/documents", json=draft(None))
    assert len(sandbox.drafts()) == drafts
    assert [each["status"] for each in sandbox.requests()] == [None]


def test_a_slow_answer_comes_after_the_effect(sandbox: RunningSandbox) -> None:
    sandbox.plant_fault("slow_after", "POST", "/documents", seconds=30)
    with pytest.raises(httpx.ReadTimeout):
        sandbox.http.post("/documents", json=draft(None), timeout=0.2)
    assert len(sandbox.drafts()) == 1


def test_a_planted_answer_has_its_headers(sandbox: RunningSandbox) -> None:
    sandbox.plant_fault("status", status=429, headers={"Retry-After": "7"}, times=2)
    answers = [sandbox.http.get("/logins") for _ in range(3)]
    assert [answer.headers.get("Retry-After") for answer in answers] == ["7", "7", None]


def test_a_fault_hits_only_what_it_names(sandbox: RunningSandbox) -> None:
    document = create_draft(sandbox)
    sandbox.plant_fault("status", "GET", "/documents/{id}")
    sandbox.plant_fault("status", "GET", f"/documents/{document['id'] + 1}")
    assert sandbox.http.get("/documents").status_code == 200
    assert sandbox.http.delete(f"/documents/{document['id'] + 7}").status_code == 404
    assert sandbox.http.get(f"/documents/{document['id']}").status_code == 500
    assert sandbox.http.get(f"/documents/{document['id']}").status_code == 200


def test_a_share_of_the_requests_fails_and_the_same_seed_fails_the_same(
    sandbox: RunningSandbox,
) -> None:
    runs = []
    for seed in (1, 1, 2):
        sandbox.remove_faults()
        sandbox.plant_fault("status", "GET", "/logins", share=0.3, seed=seed)
        runs.append([sandbox.http.get("/logins").status_code for _ in range(60)])
    assert runs[0] == runs[1] != runs[2]
    assert 5 < runs[0].count(500) < 30


@pytest.mark.parametrize(
    "fault", [{"kind": "fire"}, {}, {"kind": "status", "share": 2}, {"kind": "garbage", "at": 1}]
)
def test_an_invalid_fault_is_refused(sandbox: RunningSandbox, fault: dict[str, object]) -> None:
    url = f"{sandbox.page_url}_sandbox/faults"
    assert httpx.post(url, json=[fault]).status_code == 400
    assert exact(httpx.get(url)) == []


def test_what_the_accountant_does_is_neither_recorded_nor_hit_by_faults(
    sandbox: RunningSandbox,
) -> None:
    sandbox.plant_fault("status", share=1)
    (created,) = sandbox.add_customers([{"last_name": "Vogel"}])
    assert created["number"] == "10000"
    assert sandbox.counts() == {}


def test_each_account_has_its_own_login_id() -> None:
    with running_sandbox(login_id=7) as sandbox:
        assert exact(sandbox.http.get("/logins/7"))["id"] == 7
        assert sandbox.http.get("/logins/8").status_code == 404
