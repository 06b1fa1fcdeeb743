"""The protocol as a table: what it permits, and that nothing in it leads astray."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from types import NoneType

import pytest

from blocks.ledger.errors import NotPermitted
from blocks.ledger.protocol import (
    CALLS,
    TABLE,
    Place,
    Transition,
    changes,
    permits,
    transition_of,
)
from blocks.ledger.records import Export
from blocks.ledger.states import IN_DOUBT, Draft, Event, ExportState, Look, Pending
from tests.pages.protocol import name_of

NOW = datetime(2026, 11, 1, 5, tzinfo=UTC)
PLACES: list[Place] = [
    (state, pending)
    for state in ExportState
    for pending in (Pending if state in IN_DOUBT else [None])
]
POSITIONS = list(product(PLACES, Draft))
Position = tuple[Place, Draft]


def export_at(place: Place, draft: Draft) -> Export:
    state, pending = place
    return Export(
        id=1,
        account="main",
        month="2026-10",
        customer_number="K1",
        sequence=1,
        state=str(state),
        csv_sha256="a" * 64,
        csv_path="K1.csv",
        line_count=1,
        net_cents=100,
        gross_cents=119,
        attachment_id=7,
        document_id=None if draft is Draft.NONE else 8,
        error=None,
        attempts=1,
        flow_run_id=None,
        created_at=NOW,
        updated_at=NOW,
        update_planned=draft is Draft.TO_UPDATE,
        planned_sha256="b" * 64,
        pending=pending and str(pending),
    )


def changed(export: Export, event: Event) -> Export:
    """The export after the event; what is written are plain values, as a database takes them."""
    values = changes(export, event)
    assert {type(value) for value in values.values()} <= {str, bool, NoneType}
    return replace(export, **values)  # type: ignore[arg-type]


# With them the ledger learns of a document, though not whether it is right.
DOCUMENT_KNOWN = {Event.OTHER_CENTS, Event.OTHER_CENTS_FOUND, Event.UNCLEAR}


def steps(position: Position) -> Iterator[tuple[Transition, Position]]:
    """Every row that permits something at this position, and where it leads."""
    (state, pending), draft = position
    for row in TABLE:
        if (state, pending) in row.places and draft in row.drafts:
            drafts = {row.then or draft}
            if row.event in DOCUMENT_KNOWN and draft is Draft.NONE:
                drafts = {Draft.THERE}
            for to, then in product(_ends(row, pending, draft), drafts):
                under_way = pending if to is ExportState.UNKNOWN else row.sends
                yield row, ((to, under_way), then)


def _ends(row: Transition, pending: Pending | None, draft: Draft) -> Iterator[ExportState]:
    if row.to is not None:
        yield row.to
        return
    for call in CALLS:
        if call.sends == pending and draft in call.drafts:
            yield from (state for state, _ in call.places if state is not None)


def reached(start: Position) -> tuple[set[Position], set[Transition]]:
    """All positions that can follow from this one, and the rows that lead there."""
    found, taken, open_ = {start}, set(), [start]
    while open_:
        for row, position in steps(open_.pop()):
            taken.add(row)
            if position not in found:
                found.add(position)
                open_.append(position)
    return found, taken


FROM_NEW, TAKEN = reached(((None, None), Draft.NONE))


def test_each_row_has_a_name_of_its_own() -> None:
    names = [name_of(row) for row in TABLE]
    assert len(names) == len(set(names))
    assert "create the draft: planned, uploaded, draft none -> sending" in names


@pytest.mark.parametrize("event", Event)
def test_at_most_one_row_permits_an_event_at_a_position(event: Event) -> None:
    for place, draft in POSITIONS:
        rows = [r for r in TABLE if r.event is event and place in r.places and draft in r.drafts]
        assert len(rows) <= 1
        assert permits(export_at(place, draft), event) == bool(rows)


def test_each_row_can_be_taken_by_an_export_that_began_as_new() -> None:
    assert {name_of(row) for row in set(TABLE) - TAKEN} == set()


def test_a_call_is_announced_only_where_none_is_under_way() -> None:
    for row in CALLS:
        assert {pending for _, pending in row.places} == {None}
        assert (row.to, row.sends is not None) == (ExportState.SENDING, True)
    assert [row for row in TABLE if row.sends is not None] == list(CALLS)


def test_a_draft_is_created_only_where_the_ledger_knows_of_none() -> None:
    for place, draft in FROM_NEW:
        if place[0] is not None and permits(export_at(place, draft), Event.SEND_DRAFT):
            assert draft is Draft.NONE
            assert place in {(ExportState.PLANNED, None), (ExportState.UPLOADED, None)}


def test_what_was_sent_is_left_only_by_an_answer_or_a_look() -> None:
    for position in FROM_NEW:
        (state, pending), _ = position
        if pending is None:
            continue
        rows = [row for row, _ in steps(position)]
        looks = [row for row in rows if row.look is not Look.NOTHING]
        assert looks
        if state is ExportState.UNKNOWN:
            assert looks == rows


def test_something_is_pending_just_while_a_call_is_in_doubt() -> None:
    for (state, pending), _ in FROM_NEW:
        assert (pending is not None) == (state in IN_DOUBT)


def test_from_everywhere_a_draft_can_be_delivered() -> None:
    delivered = ((ExportState.DELIVERED, None), Draft.THERE)
    for position in FROM_NEW:
        assert delivered in reached(position)[0], position


def test_a_withdrawn_export_has_neither_draft_nor_files() -> None:
    there = replace(
        export_at((ExportState.DELIVERED, None), Draft.TO_UPDATE),
        replaced_attachment_id=6,
        document_edited_at="2026-11-01 05:00:00",
        content_sha256="c" * 64,
        planned_update="{}",
        draft_state="paid",
        invoice_number="R1",
        finalised_at=NOW,
        due_date=NOW.date(),
        paid_at=NOW.date(),
        paid_cents=119,
        released_at=NOW,
    )
    left = replace(export_at((ExportState.WITHDRAWN, None), Draft.NONE), attachment_id=None)
    assert changed(there, Event.BILL_AGAIN) == left


def test_an_event_changes_what_its_row_says_and_nothing_else() -> None:
    for (place, draft), event in product(POSITIONS, Event):
        export = replace(export_at(place, draft), draft_state="edited", content_sha256="c" * 64)
        if not permits(export, event) or event is Event.NOT_DONE:
            continue
        row = transition_of(export, event)
        after = changed(export, event)
        assert after.state == row.to
        assert after.pending == (place[1] if row.to is ExportState.UNKNOWN else row.sends)
        assert after.update_planned == ((row.then or draft) is Draft.TO_UPDATE)
        if row.then is Draft.NONE:
            assert (after.document_id, after.draft_state) == (None, None)
            continue
        digest = export.planned_sha256 if row.then is Draft.THERE else export.content_sha256
        assert after.content_sha256 == digest
        assert after.document_id == export.document_id
        assert after.draft_state == ("draft" if event is Event.DRAFT_CREATED else "edited")
        assert after.attachment_id == export.attachment_id


def test_what_was_not_done_leads_back_only_to_where_it_was_announced() -> None:
    for call, draft in product(Pending, Draft):
        export = export_at((ExportState.SENDING, call), draft)
        rows = [row for row in CALLS if row.sends is call and draft in row.drafts]
        announced = {state for row in rows for state, _ in row.places}
        for state in (*ExportState, None):
            if state in announced:
                assert changes(export, Event.NOT_DONE, state)["state"] == state
            else:
                with pytest.raises(NotPermitted, match="was not announced"):
                    changes(export, Event.NOT_DONE, state)


def test_what_is_not_in_the_ledger_is_planned_or_failed_or_skipped_or_taken_in() -> None:
    permitted = {event for event in Event if permits(None, event)}
    found = {Event.TAKEN_IN, Event.UNCLEAR, Event.ACCEPTED}
    assert permitted == {Event.PLAN, Event.FAIL, Event.SKIP} | found
    with pytest.raises(NotPermitted, match="not in the ledger"):
        transition_of(None, Event.SEND_DRAFT)
