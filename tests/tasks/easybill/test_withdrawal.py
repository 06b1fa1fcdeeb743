"""Withdrawals of drafts, with faults on the way."""

from collections.abc import Callable
from typing import Any

import pytest

from blocks.easybill.errors import OutcomeUnknown, Unavailable
from tasks.easybill.delivery import Delivery
from tasks.easybill.parcel import Parcel
from tests.tasks.easybill.conftest import LOST, NOT_DONE, only_export
from tests.world import World


@pytest.mark.parametrize(
    "fault", LOST[:4], ids=lambda fault: f"{fault['kind']}-{fault.get('effect')}"
)
def test_after_a_lost_answer_to_a_deletion_the_look_tells_what_became_of_the_draft(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery], fault: dict[str, Any]
) -> None:
    delivered = new_delivery().deliver(parcel)
    world.easybill.plant_fault(method="DELETE", path="/documents/{id}", times=1, **fault)
    delivery = new_delivery()
    with pytest.raises(OutcomeUnknown):
        delivery.withdraw(delivered)
    unknown = only_export(world.ledger)
    assert (unknown.state, unknown.pending) == ("unknown", "delete")

    settled = delivery.settle(unknown)
    is_gone = world.easybill.drafts() == []
    assert settled.state == ("withdrawn" if is_gone else "delivered")
    assert (settled.pending, settled.error) == (None, None)
    assert bool(world.ledger.lines_of(settled)) == (not is_gone)


def test_a_draft_that_easybill_had_no_time_to_delete_stays_delivered(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    delivered = new_delivery().deliver(parcel)
    world.easybill.plant_fault(method="DELETE", path="/documents/{id}", times=1, **NOT_DONE[0])
    with pytest.raises(Unavailable):
        new_delivery().withdraw(delivered)
    back = only_export(world.ledger)
    assert (back.state, back.pending) == ("delivered", None)
    withdrawn = new_delivery().withdraw(back)
    assert (withdrawn.state, withdrawn.document_id, withdrawn.error) == ("withdrawn", None, None)
