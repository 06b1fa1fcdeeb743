"""The ledger says what is about to be sent, whichever write says it."""

from collections.abc import Callable
from dataclasses import replace

from tasks.easybill.delivery import Delivery
from tasks.easybill.parcel import Parcel


def test_each_call_is_announced_before_it_is_sent(
    new_delivery: Callable[[], Delivery], parcel: Parcel
) -> None:
    delivery, pending = new_delivery(), list[str | None]()

    def note() -> None:
        export = delivery.ledger.find_export(*parcel.export_key)
        pending.append(None if export is None else export.pending)

    client = delivery.client.reporting_to(lambda _: None, before_send=note)
    replace(delivery, client=client).deliver(parcel)
    assert pending == ["upload", "draft", "link"]
