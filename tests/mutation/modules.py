"""Which modules decide and deliver, and who judges a mutant of each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Judged:
    """A module and its judges: the tests that mirror it, and stories where they play it."""

    path: str
    tests: tuple[str, ...]
    has_stories: bool = True


_LEDGER = ("tests/blocks/ledger", "tests/simulation/test_ledger_contract.py")
_EASYBILL = ("tests/tasks/easybill",)
_DELIVERY = "tests/tasks/easybill/test_delivery.py"


def _of_ledger(name: str) -> Judged:
    """Its own tests first; a story has the contract of the ledger, not its database."""
    return Judged(
        f"blocks/ledger/{name}.py", (f"tests/blocks/ledger/test_{name}.py", *_LEDGER), False
    )


def _of_easybill(name: str, *first: str) -> Judged:
    """The tests that know it best first."""
    return Judged(f"tasks/easybill/{name}.py", (*first, *_EASYBILL))


MODULES = (
    # Whoever changes a row changes the page that shows the table, or is noticed there.
    Judged(
        "blocks/ledger/protocol.py",
        ("tests/blocks/ledger/test_protocol.py", "tests/pages/test_pages.py", *_LEDGER),
    ),
    _of_ledger("claims"),
    _of_ledger("leases"),
    Judged("blocks/ledger/ledger.py", _LEDGER, has_stories=False),
    Judged("tasks/run/gate.py", ("tests/tasks/run/test_gate.py",)),
    Judged("tasks/run/lease.py", ("tests/tasks/run/test_lease.py", "tests/tasks/run/test_gate.py")),
    Judged("tasks/plan/decide.py", ("tests/tasks/plan",)),
    _of_easybill("delivery", _DELIVERY),
    _of_easybill("doubts", _DELIVERY),
    _of_easybill("lookup", "tests/tasks/easybill/test_lookup.py"),
    _of_easybill("draft_status", _DELIVERY),
    _of_easybill("settle", _DELIVERY),
    _of_easybill("upload", _DELIVERY),
    _of_easybill("sweep"),
    _of_easybill("withdraw", "tests/tasks/easybill/test_withdrawal.py"),
    _of_easybill("match_customers"),
    _of_easybill("take_in", "tests/flows/test_taken_in.py"),
    _of_easybill("held_content", "tests/flows/test_taken_in.py"),
)


def modules_named(path: str | None) -> tuple[Judged, ...]:
    """The module of this path, or all; ValueError where it is none of them."""
    found = tuple(each for each in MODULES if path in (None, each.path))
    if not found:
        known = ", ".join(each.path for each in MODULES)
        raise ValueError(f"{path} is not judged; these are: {known}")
    return found
