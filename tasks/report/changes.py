"""Changes: what is different from the report before, customer by customer."""

from collections.abc import Iterator, Mapping
from typing import Any

from tasks.billing.issue import Kind
from tasks.billing.wording.speech import Speech
from tasks.report.on_file import Change

Json = Mapping[str, Any]


def changes_between(before: Json, now: Json, speech: Speech) -> list[Change]:
    """New, changed and vanished drafts, and who failed or no longer does; each in plain words.

    Who only waits for a run has not failed.
    """
    return [*_drafts(before, now, speech), *_failures(before, now)]


def _drafts(before: Json, now: Json, speech: Speech) -> Iterator[Change]:
    was, is_now = _by_draft(before), _by_draft(now)
    for key, draft in is_now.items():
        earlier = was.get(key)
        if earlier is None:
            yield _change("new draft", draft, _net(draft, speech), draft["net_cents"])
        else:
            yield from _changed(earlier, draft, speech)
    for key in sorted(was.keys() - is_now.keys()):
        gone = was[key]
        yield _change("vanished draft", gone, _net(gone, speech), -gone["net_cents"])


def _changed(earlier: Json, draft: Json, speech: Speech) -> Iterator[Change]:
    before, now = earlier["net_cents"], draft["net_cents"]
    if before != now or earlier["gross_cents"] != draft["gross_cents"]:
        said = speech.say(
            "net {before} became {now}", before=speech.amount(before), now=speech.amount(now)
        )
        yield _change("changed amount", draft, said, now - before)
    elif earlier["document_id"] != draft["document_id"]:
        said = speech.say(
            "draft {before} became {now}", before=earlier["document_id"], now=draft["document_id"]
        )
        yield _change("new draft", draft, said)
    elif earlier["state"] != draft["state"]:
        states = speech.say(earlier["state"]), speech.say(draft["state"])
        said = speech.say("{before} became {now}", before=states[0], now=states[1])
        yield _change("changed state", draft, said)


def _failures(before: Json, now: Json) -> Iterator[Change]:
    was, is_now = _by_customer(before), _by_customer(now)
    for key in sorted(is_now.keys() - was.keys()):
        yield _change("new failure", is_now[key], is_now[key]["reason"])
    for key in sorted(was.keys() - is_now.keys()):
        yield _change("failure fixed", was[key], was[key]["reason"])


def _change(kind: str, row: Json, words: str, net_cents: int = 0) -> Change:
    number = row["customer_number"]
    return Change(kind=kind, customer_number=number, words=words, net_cents=net_cents)


def _by_draft(report: Json) -> dict[tuple[str, int], Json]:
    return {(row["customer_number"], row["sequence"]): row for row in report["drafts"]}


def _by_customer(report: Json) -> dict[str, Json]:
    failed = (row for row in report["failures"] if row["kind"] != Kind.NOT_RUN)
    return {row["customer_number"]: row for row in failed}


def _net(row: Json, speech: Speech) -> str:
    return speech.say("net {net}", net=speech.amount(row["net_cents"]))
