"""Customers that easybill does not know are created once, whatever becomes of the answers."""

from dataclasses import replace

import pytest

from blocks.easybill.errors import Unavailable
from blocks.ledger.ledger import CustomerCreation
from tasks.billing.invoice import Customer
from tasks.billing.issue import IssueCode
from tasks.billing.matches import Matches
from tasks.easybill.match_customers import match_in_account
from tasks.run.connections import Connections
from tasks.run.gate import LATE_EFFECT_S, Gate, RunStopped
from tests.easybill_sandbox import Json, exact
from tests.plain_run import connect_by_settings
from tests.tasks.billing.test_invoice import OCTOBER
from tests.tasks.run.test_lease import Time
from tests.world import World


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture(params=["sqlite", "postgres"])
def run(
    request: pytest.FixtureRequest, world: World, time: Time, monkeypatch: pytest.MonkeyPatch
) -> Connections:
    """A run that may create customers, on each kind of ledger and on a clock of the test's own."""
    url = str(request.getfixturevalue(f"{request.param}_url"))
    for name, value in replace(world, ledger_url=url).environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("EASYBILL_CREATE_CUSTOMERS", "true")
    gate = Gate(lambda: None, time.clock)
    return replace(connect_by_settings(), gate=gate, flow_run_id="run 2")


def match(run: Connections, *numbers: str, preview: bool = False) -> Matches:
    customers = [Customer(number, company_name=f"{number} GmbH") for number in numbers]
    return match_in_account(run, OCTOBER, customers, preview=preview)


def in_easybill(world: World) -> list[Json]:
    found: list[Json] = exact(world.easybill.http.get("/customers"))["items"]
    return found


def created(run: Connections, number: str = "K1") -> CustomerCreation:
    return run.ledger.customer_creations([number])[number]


def by_a_run_that_died(run: Connections, number: str = "K1") -> CustomerCreation:
    creation = run.ledger.announce_customer(number, flow_run_id="run 1")
    assert creation is not None
    return creation


def spoil_creation(world: World, kind: str, **more: object) -> None:
    world.easybill.plant_fault(kind, "POST", "/customers", **more)


def test_what_is_created_is_kept_with_its_id_and_its_run(
    run: Connections, world: World, time: Time
) -> None:
    matches = match(run, "K1", "K2")
    ids = {one["number"]: one["id"] for one in in_easybill(world)}
    assert {number: match.easybill_id for number, match in matches.found.items()} == ids
    assert matches.refused == {}
    creation = created(run, "K2")
    assert (creation.state, creation.easybill_id) == ("created", ids["K2"])
    assert (creation.flow_run_id, creation.attempts) == ("run 2", 1)
    calls = run.ledger.calls(str(OCTOBER))
    assert [(call.method, call.customer_number) for call in calls] == [
        ("GET", None),
        ("POST", "K1"),
        ("POST", "K2"),
    ]
    assert time.now == Time().now


def test_a_preview_creates_nobody_and_says_whom_a_run_would_create(
    run: Connections, world: World
) -> None:
    matches = match(run, "K1", preview=True)
    assert (sorted(matches.to_create), matches.found, matches.refused) == (["K1"], {}, {})
    assert in_easybill(world) == []
    assert run.ledger.customer_creations(["K1"]) == {}


def test_a_creation_whose_answer_is_lost_is_found_by_a_look(
    run: Connections, world: World, time: Time
) -> None:
    spoil_creation(world, "close_after")
    matches = match(run, "K1")
    (customer,) = in_easybill(world)
    assert matches.found["K1"].easybill_id == customer["id"]
    assert (created(run).state, created(run).easybill_id) == ("created", customer["id"])
    assert time.now == Time().now


def test_a_creation_that_was_lost_on_the_way_is_repeated_when_it_can_no_longer_take_effect(
    run: Connections, world: World, time: Time
) -> None:
    spoil_creation(world, "close_before")
    matches = match(run, "K1")
    (customer,) = in_easybill(world)
    assert matches.found["K1"].easybill_id == customer["id"]
    assert (created(run).state, created(run).attempts) == ("created", 2)
    assert time.now - Time().now == LATE_EFFECT_S


def test_a_creation_that_takes_effect_late_is_not_repeated(
    run: Connections, world: World, time: Time
) -> None:
    spoil_creation(world, "status", status=504)
    late = [{"number": "K1", "company_name": "K1 GmbH"}]

    def after_50_seconds() -> None:
        if time.now - Time().now == 50:
            world.easybill.add_customers(late)

    time.meanwhile = after_50_seconds
    matches = match(run, "K1")
    (customer,) = in_easybill(world)
    assert matches.found["K1"].easybill_id == customer["id"]
    assert created(run).easybill_id == customer["id"]


def test_a_creation_that_is_lost_again_is_named_and_done_by_the_next_run(
    run: Connections, world: World
) -> None:
    spoil_creation(world, "close_before", times=2)
    issue = match(run, "K1").refused["K1"]
    assert (issue.code, issue.customer_number) == (IssueCode.CREATION_IN_DOUBT, "K1")
    assert created(run).state == "sending"
    assert match(run, "K1").refused == {}
    assert len(in_easybill(world)) == 1


def test_a_refused_creation_is_named_and_free_for_the_next_run(
    run: Connections, world: World, time: Time
) -> None:
    spoil_creation(world, "status", status=400, body="{}")
    assert match(run, "K1").refused["K1"].code == IssueCode.CREATION_REFUSED
    assert created(run).state == "not_created"
    assert match(run, "K1").refused == {}
    assert (created(run).attempts, time.now) == (2, Time().now)


def test_a_creation_that_easybill_had_no_time_for_is_not_in_doubt(
    run: Connections, world: World, time: Time
) -> None:
    spoil_creation(world, "status", status=409)
    with pytest.raises(Unavailable):
        match(run, "K1")
    assert created(run).state == "not_created"
    assert match(run, "K1").refused == {}
    assert (len(in_easybill(world)), time.now) == (1, Time().now)


def test_a_stopped_run_creates_nobody_and_leaves_nothing_in_doubt(
    run: Connections, world: World
) -> None:
    def stopped() -> None:
        if run.ledger.customer_creations(["K1"]):
            raise RunStopped("stopped right before the call")

    with pytest.raises(RunStopped):
        match(replace(run, gate=Gate(stopped)), "K1")
    assert created(run).state == "not_created"
    assert in_easybill(world) == []


def test_what_a_dead_run_did_not_send_is_taken_over(
    run: Connections, world: World, time: Time
) -> None:
    by_a_run_that_died(run)
    assert match(run, "K1").refused == {}
    assert len(in_easybill(world)) == 1
    assert (created(run).flow_run_id, created(run).attempts) == ("run 2", 2)
    assert time.now - Time().now == LATE_EFFECT_S


def test_what_a_dead_run_created_is_its_own(run: Connections, world: World, time: Time) -> None:
    by_a_run_that_died(run)
    (customer,) = world.easybill.add_customers([{"number": "K1", "company_name": "K1 GmbH"}])
    assert match(run, "K1").found["K1"].easybill_id == customer["id"]
    assert (created(run).state, created(run).flow_run_id) == ("created", "run 1")
    assert (created(run).easybill_id, time.now) == (customer["id"], Time().now)


def test_a_customer_that_another_run_creates_meanwhile_is_found(
    run: Connections, world: World, time: Time
) -> None:
    other = by_a_run_that_died(run)

    def after_7_seconds() -> None:
        if time.now - Time().now == 7:
            (customer,) = world.easybill.add_customers([{"number": "K1", "last_name": "K1"}])
            run.ledger.settle_customer(other, customer["id"])

    time.meanwhile = after_7_seconds
    assert match(run, "K1").refused == {}
    assert len(in_easybill(world)) == 1
    assert time.now - Time().now == 7


def test_a_customer_that_another_run_could_not_create_is_created(
    run: Connections, world: World, time: Time
) -> None:
    other = by_a_run_that_died(run)
    time.meanwhile = lambda: run.ledger.settle_customer(other, None)
    assert match(run, "K1").refused == {}
    assert len(in_easybill(world)) == 1
    assert time.now - Time().now == 1


def test_a_customer_that_yet_another_run_takes_over_is_left_to_it(
    run: Connections, world: World, time: Time
) -> None:
    lost = by_a_run_that_died(run)
    time.meanwhile = lambda: run.ledger.announce_customer(
        "K1", instead_of=lost, flow_run_id="run 3"
    )
    issue = match(run, "K1").refused["K1"]
    assert (issue.code, issue.customer_number) == (IssueCode.CREATED_ELSEWHERE, "K1")
    assert in_easybill(world) == []
    assert created(run).flow_run_id == "run 3"


def test_a_stop_ends_the_wait_for_another_run(run: Connections, world: World, time: Time) -> None:
    by_a_run_that_died(run)
    assert run.gate is not None
    time.meanwhile = lambda: run.gate and run.gate.close(at_most_s=0)
    with pytest.raises(RunStopped):
        match(run, "K1")
    assert in_easybill(world) == []


def test_a_created_customer_that_is_gone_is_created_again(
    run: Connections, world: World, time: Time
) -> None:
    match(run, "K1")
    (customer,) = in_easybill(world)
    world.easybill.http.delete(f"/customers/{customer['id']}").raise_for_status()
    assert match(run, "K1").refused == {}
    assert len(in_easybill(world)) == 1
    assert (created(run).attempts, time.now) == (2, Time().now)


def test_customers_in_doubt_are_looked_up_together(run: Connections, world: World) -> None:
    numbers = [f"K{n}" for n in range(20)]
    for number in numbers:
        by_a_run_that_died(run, number)
    assert match(run, *numbers).refused == {}
    assert world.easybill.counts() == {"GET /customers": 3, "POST /customers": 20}
    assert len(in_easybill(world)) == 20


def test_a_customer_that_appears_twice_while_we_look_again_is_refused(
    run: Connections, world: World, time: Time
) -> None:
    by_a_run_that_died(run)
    twice = [{"number": "K1", "company_name": "K1 GmbH"}] * 2
    time.meanwhile = lambda: in_easybill(world) or world.easybill.add_customers(twice)
    matches = match(run, "K1")
    assert matches.refused["K1"].code == IssueCode.DUPLICATED_IN_EASYBILL
    assert matches.found == {}
    assert created(run).state == "sending"


def test_the_wait_is_as_long_as_a_request_of_a_long_lease_may_last(
    run: Connections, world: World, time: Time
) -> None:
    by_a_run_that_died(run)
    assert match(replace(run, lease_seconds=120), "K1").refused == {}
    assert time.now - Time().now == 90
