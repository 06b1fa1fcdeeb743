"""The protocol of an export for people: docs/internals/protocol.md."""

from collections import defaultdict
from collections.abc import Iterable

from blocks.ledger.protocol import ANSWERS, ANY, CALLS, LOOKS, PLANNING, Place, Transition
from blocks.ledger.states import Event, ExportState, Look, Pending

INTRODUCTION = """\
# The protocol of an export

Made by `python -m tests.pages` from the table in `blocks/ledger/protocol.py`. The ledger refuses
every write that no row permits: nothing is written then, and the customer fails with that reason.

An export is in a `state`. `sending` is written before a call is sent, and `pending` says which call
that is; a lost answer makes it `unknown`. Both are left only by an answer, or by a look into
easybill. The draft is `none`, `there`, or there and `to update` (`update_planned`).

Files that nothing needs are deleted without being announced: to delete them twice does no harm.
"""
WAY = """
## From plan to delivered

`sending_draft` is the state `sending` with `draft` pending. Left out are the deletion of a draft,
and what can happen to every call: `call not done` leads back to where it was announced, `call
refused` to `failed`, `answer lost` to `unknown`.

"""
DOUBT = """
## Out of doubt, and out of a conflict

What a look into easybill leads to: after a lost answer (`unknown`), after a run that died
(`sending`), and from a conflict.

"""
SECTIONS = (
    ("What a run decides", PLANNING),
    ("What is announced before it is sent", CALLS),
    ("What easybill answered", ANSWERS),
    ("What a look into easybill found", LOOKS),
)
HEADER = """
| from | draft | event | to | draft then | looked up | may be sent |
| --- | --- | --- | --- | --- | --- | --- |
"""
NOT_DRAWN = {
    *(Event.NOT_DONE, Event.CALL_REFUSED, Event.ANSWER_LOST),
    *(Event.SEND_DELETE, Event.DRAFT_DELETED),
}
PLAN = "[*] --> planned: plan"


def page() -> str:
    """The pictures and the tables, in Markdown."""
    way = [(row, row.places) for row in CALLS + ANSWERS if row.event not in NOT_DRAWN]
    doubt = [(row, filter(_is_open, row.places)) for row in LOOKS]
    tables = [f"\n## {title}\n{HEADER}{''.join(map(_row, rows))}" for title, rows in SECTIONS]
    return "".join([INTRODUCTION, WAY, _picture(way, PLAN), DOUBT, _picture(doubt), *tables])


def name_of(row: Transition) -> str:
    """The row in words; no other row has the same."""
    drafts = " or ".join(sorted(row.drafts))
    return f"{row.event}: {start_of(row)}, draft {drafts} -> {row.to or 'back'}"


def start_of(row: Transition) -> str:
    """The places in words: states without a call, then those with one."""
    calls = [call for call in Pending if any(call == pending for _, pending in row.places)]
    at_rest, in_doubt = (_states(row.places, with_call=known) for known in (False, True))
    return "; ".join(filter(None, [at_rest, in_doubt and f"{in_doubt} ({', '.join(calls)})"]))


def _states(places: Iterable[Place], *, with_call: bool) -> str:
    found = {state for state, call in places if (call is not None) == with_call}
    return ", ".join(state or "new" for state in (None, *ExportState) if state in found)


def _row(row: Transition) -> str:
    drafts = "any" if row.drafts == ANY else ", ".join(sorted(row.drafts))
    cells = (
        *(start_of(row), drafts, row.event, row.to or "where it was announced"),
        *(row.then or "as before", row.look, row.sends or Look.NOTHING),
    )
    return f"| {' | '.join(cells)} |\n"


def _picture(rows: Iterable[tuple[Transition, Iterable[Place]]], *lines: str) -> str:
    arrows: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for row, places in rows:
        end = _box((row.to, row.sends))
        for start in sorted({_box(place) for place in places} - {end}):
            arrows[start, end][row.event] = None
    drawn = [f"{start} --> {end}: {', '.join(events)}" for (start, end), events in arrows.items()]
    return "\n    ".join(["```mermaid\nstateDiagram-v2", *lines, *drawn]) + "\n```\n"


def _is_open(place: Place) -> bool:
    state, call = place
    return call is not None or state == ExportState.CONFLICT


def _box(place: Place) -> str:
    state, call = place
    return f"sending_{call}" if call else str(state)
