"""Changes: what is different from the report before, customer by customer."""

from collections.abc import Iterator, Mapping
from typing import Any

from tasks.billing.money import amount_text

Json = Mapping[str, Any]


def changes_between(before: Json, now: Json) -> list[dict[str, str]]:
    """New, changed and vanished drafts, and who failed or no longer does; each in plain words."""
    return [*_drafts(before, now), *_failures(before, now)]


def _drafts(before: Json, now: Json) -> Iterator[dict[str, str]]:
    was, is_now = _by_draft(before), _by_draft(now)
    for key, draft in is_now.items():
        earlier = was.get(key)
        if earlier is None:
            yield _change("new draft", draft, f"net {_net(draft)}")
        elif _net(earlier) != _net(draft) or earlier["gross_cents"] != draft["gross_cents"]:
            yield _change("changed amount", draft, f"net {_net(earlier)} became {_net(draft)}")
        elif earlier["document_id"] != draft["document_id"]:
            words = f"draft {earlier['document_id']} became {draft['document_id']}"
            yield _change("new draft", draft, words)
        elif earlier["state"] != draft["state"]:
            yield _change("changed state", draft, f"{earlier['state']} became {draft['state']}")
    for key in sorted(was.keys() - is_now.keys()):
        yield _change("vanished draft", was[key], f"net {_net(was[key])}")


def _failures(before: Json, now: Json) -> Iterator[dict[str, str]]:
    was, is_now = _by_customer(before), _by_customer(now)
    for key in sorted(is_now.keys() - was.keys()):
        yield _change("new failure", is_now[key], is_now[key]["reason"])
    for key in sorted(was.keys() - is_now.keys()):
        yield _change("failure fixed", was[key], was[key]["reason"])


def _change(kind: str, row: Json, words: str) -> dict[str, str]:
    return {"kind": kind, "customer_number": row["customer_number"], "words": words}


def _by_draft(report: Json) -> dict[tuple[str, int], Json]:
    return {(row["customer_number"], row["sequence"]): row for row in report["drafts"]}


def _by_customer(report: Json) -> dict[str, Json]:
    return {row["customer_number"]: row for row in report["failures"]}


def _net(row: Json) -> str:
    return amount_text(row["net_cents"])
