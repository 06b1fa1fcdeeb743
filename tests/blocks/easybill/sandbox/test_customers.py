"""Customers: created, found by number, loaded from a file."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from blocks.easybill.sandbox.customer_file import CustomerFileBroken, load_customers
from blocks.easybill.sandbox.state import Sandbox
from tests.blocks.easybill.sandbox.bodies import add_customer, customer
from tests.easybill_sandbox import RunningSandbox, exact, running_sandbox


@pytest.fixture(scope="module")
def listed() -> Iterator[RunningSandbox]:
    with running_sandbox() as sandbox:
        add_customer(sandbox, "1", emails=["a@b.example", "c@d.example"], zip_code="50667")
        add_customer(sandbox, "2", company_name="Patrick, Peter", group_id=3)
        add_customer(sandbox, "3,4", last_name="Öztürk", additional_groups_ids=[5, 6])
        add_customer(sandbox, "3", country="AT")
        add_customer(sandbox, "3", first_name="Ada", last_name="Vogel")
        yield sandbox


@pytest.mark.parametrize(
    ("query", "escaped", "numbers"),
    [
        ("number=1", False, ["1"]),
        ("number=1,2,9", False, ["1", "2"]),
        ("number=3", False, ["3", "3"]),
        ("number[]=1&number[]=2", False, ["1", "2"]),
        (r"number=3\,4", True, ["3,4"]),
        (r"number=3%5C%2C4,1", True, ["1", "3,4"]),
        (r"number=3\,4", False, []),
        (r"company_name=Patrick\, Peter", True, ["2"]),
        ("emails=c@d.example", False, ["1"]),
        ("last_name=%C3%96zt%C3%BCrk", False, ["3,4"]),
        ("first_name=Ada", False, ["3"]),
        ("country=AT,CH", False, ["3"]),
        ("zip_code=50667", False, ["1"]),
        ("group_id=3", False, ["2"]),
        ("additional_group_id=6", False, ["3,4"]),
        ("created_at=2000-01-01,2000-12-31", False, []),
        ("number=", False, []),
    ],
)
def test_customers_are_found(
    listed: RunningSandbox, query: str, escaped: bool, numbers: list[str]
) -> None:
    headers = {"X-Easybill-Escape": "true"} if escaped else {}
    found = exact(listed.http.get(f"/customers?{query}", headers=headers))["items"]
    assert sorted(each["number"] for each in found) == numbers


@pytest.mark.parametrize("body", [{}, {"last_name": "", "company_name": None, "number": "K1"}])
def test_a_customer_without_a_name_is_refused(
    sandbox: RunningSandbox, body: dict[str, object]
) -> None:
    answer = sandbox.http.post("/customers", json=body)
    assert answer.status_code == 400
    assert answer.json() == {
        "code": 20000,
        "message": "Bitte füllen Sie alle Felder aus.",
        "arguments": ["last_name", "company_name"],
    }


def test_a_number_is_generated_where_none_is_given(sandbox: RunningSandbox) -> None:
    bodies = [customer(""), {"last_name": "Vogel"}, customer("20000"), customer("")]
    created = [exact(sandbox.http.post("/customers", json=body)) for body in bodies]
    assert [each["number"] for each in created] == ["10000", "10001", "20000", "20001"]


def test_a_change_keeps_what_is_not_sent(sandbox: RunningSandbox) -> None:
    path = f"/customers/{add_customer(sandbox)}"
    changed = exact(sandbox.http.put(path, json={"first_name": "Ada", "last_name": "Vogel"}))
    assert (changed["number"], changed["display_name"]) == ("K1", "Firma K1 (Ada Vogel)")
    no_name = {"company_name": None, "last_name": None}
    assert sandbox.http.put(path, json=no_name).status_code == 400


def test_a_deleted_customer_is_gone(sandbox: RunningSandbox) -> None:
    path = f"/customers/{add_customer(sandbox)}"
    assert sandbox.http.delete(path).status_code == 204
    assert sandbox.http.get(path).status_code == 404
    assert sandbox.http.delete(path).status_code == 404


def loaded(folder: Path, entries: object, sandbox: Sandbox) -> int:
    file = folder / "customers.json"
    file.write_text(json.dumps(entries), encoding="utf-8")
    return load_customers(file, sandbox.customers)


def test_a_file_is_loaded_once(tmp_path: Path) -> None:
    state = Sandbox()
    entries = [customer("K1", id=70), customer("K2"), customer("K2")]
    assert loaded(tmp_path, entries, state) == 3
    assert loaded(tmp_path, [*entries, customer("K3")], state) == 1
    assert state.customers.read(70)["number"] == "K1"
    assert state.customers.numbers() == {"K1", "K2", "K3"}


def test_a_file_with_the_names_of_the_oms_is_loaded(tmp_path: Path) -> None:
    state = Sandbox()
    entry = {
        "customer_number": "K1",
        "company_name": None,
        "last_name": "Vogel",
        "email": "a@b.example",
        "phone_number": "0221",
        "vat_id": "ATU1",
        "vat_option": "IG",
        "purchase_order": "PO",
        "currency": "EUR",
        "state": None,
    }
    assert loaded(tmp_path, [entry], state) == 1
    added = state.customers.read(1)
    assert (added["number"], added["last_name"], added["emails"]) == (
        "K1",
        "Vogel",
        ["a@b.example"],
    )
    assert (added["vat_identifier"], added["tax_options"], added["phone_1"]) == (
        "ATU1",
        "IG",
        "0221",
    )


@pytest.mark.parametrize(
    ("entries", "complaint"),
    [
        ({}, "must hold a list of customers"),
        ([1], "entry 1 is no customer"),
        ([customer(), {"number": "K2"}], "entry 2: Bitte füllen Sie alle Felder aus"),
        ([customer(colour="red")], "entry 1: colour is unknown; known are "),
        ([customer(city=1)], "entry 1: The value is no text (city)"),
        ([customer(id="x")], "entry 1: the id x is no whole number, or is used"),
        (
            [customer("1", id=1), customer("2", id=1)],
            "entry 2: the id 1 is no whole number, or is used",
        ),
    ],
)
def test_a_broken_file_is_reported(tmp_path: Path, entries: object, complaint: str) -> None:
    with pytest.raises(CustomerFileBroken) as broken:
        loaded(tmp_path, entries, Sandbox())
    assert complaint in str(broken.value)


def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    with pytest.raises(CustomerFileBroken, match="cannot be read"):
        load_customers(tmp_path / "none.json", Sandbox().customers)
