"""Each story has some kinds of trouble and not others."""

from tests.simulation.faults import Fault
from tests.simulation.steps import AccountantActs, ClockJumps, RunStarts
from tests.simulation.story import tell
from tests.simulation.troubles import Trouble, switched_on

SEEDS = range(1, 200)


def test_each_kind_is_switched_off_in_some_stories_and_on_in_others() -> None:
    switched = [switched_on(seed) for seed in SEEDS]
    for kind in (*Trouble, *Fault):
        assert {kind in on for on in switched} == {True, False}


def test_what_is_switched_off_does_not_happen() -> None:
    for story in map(tell, SEEDS):
        runs = [step for step in story.steps if isinstance(step, RunStarts)]
        happened = {
            Trouble.CLOCK_JUMPS: any(isinstance(step, ClockJumps) for step in story.steps),
            Trouble.DEATHS: any(run.mishaps.dies_at for run in runs),
            Trouble.WITHDRAWALS: any(run.withdraws for run in runs),
            Trouble.BILL_AGAIN: any(run.bill_again for run in runs),
            Trouble.CANCELS: any(
                isinstance(step, AccountantActs) and step.act == "cancels" for step in story.steps
            ),
            Trouble.LEDGER_FAILS: any(run.ledger_fault_rate for run in runs),
            Trouble.DELETES: any(
                isinstance(step, AccountantActs) and step.act == "deletes" for step in story.steps
            ),
        }
        assert {kind for kind, did in happened.items() if did} <= story.troubles
