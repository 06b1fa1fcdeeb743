"""By hand: the invoices and drafts of a month that somebody made in easybill, not this software."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from blocks.easybill.client import EasybillClient
from blocks.easybill.errors import NotFound
from blocks.easybill.models import Document, UnreadableEntry
from tasks.billing.month import BillingMonth
from tasks.billing.wording.speech import IN_ENGLISH, Speech

OURS = "oms:"
# A document without a period of service is a month's if it is dated this long after its last day.
DATED_AFTER = timedelta(days=20)
STORNO = "STORNO"
PERIODS = ("SERVICE", "DELIVERY")


@dataclass(slots=True)
class MadeByHand:
    """What one customer has in easybill for the month.

    `cancelled` have a Storno, so they do not count. `of_other_months` are dated like the month's,
    but their period of service is another month's.
    """

    counted: list[Document] = field(default_factory=list)
    cancelled: list[Document] = field(default_factory=list)
    of_other_months: list[Document] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Found:
    """By customer number; `unread` are the ids of documents that cannot be read."""

    by_customer: Mapping[str, MadeByHand]
    unread: tuple[int | None, ...] = ()


def find_by_hand(
    client: EasybillClient,
    month: BillingMonth,
    numbers: Mapping[int, str],
    speech: Speech = IN_ENGLISH,
) -> Found:
    """Find the month's documents that were made by hand; only reads.

    `numbers`: customer numbers by easybill's own id, as far as they are known. A document that
    nobody has touched since the month before began is not found. Raises EasybillError.
    """
    listed = client.list_edited(month.preceding().first_day)
    documents = [document for document in listed if isinstance(document, Document)]
    cancelled = {d.ref_id for d in documents if d.type == STORNO and not d.is_draft}
    known = _Numbers(client, dict(numbers), speech)
    found: dict[str, MadeByHand] = defaultdict(MadeByHand)
    for document in documents:
        if document.type == STORNO or (document.external_id or "").startswith(OURS):
            continue
        if is_of(document, month):
            theirs = found[known.of(document)]
            is_cancelled = document.cancel_id is not None or document.id in cancelled
            (theirs.cancelled if is_cancelled else theirs.counted).append(document)
        elif _is_dated_like(document, month):
            found[known.of(document)].of_other_months.append(document)
    return Found(dict(found), tuple(_unread(listed)))


def is_of(document: Document, month: BillingMonth) -> bool:
    """Whether the document bills the month.

    By its period of service where it has one (the day that it ends on decides), else by its date.
    """
    last_day = _last_day_of_service(document)
    if last_day is None:
        return _is_dated_like(document, month)
    return last_day.startswith(f"{month}-")


def _last_day_of_service(document: Document) -> str | None:
    period = document.service_date
    if period is None or period.type not in PERIODS:
        return None
    return period.date_to or period.date


def _is_dated_like(document: Document, month: BillingMonth) -> bool:
    # A draft may have no date before it is finalised.
    day = (document.document_date or document.created_at or "")[:10]
    last = month.last_day
    return f"{last}" <= day <= f"{last + DATED_AFTER}"


def _unread(listed: Iterable[Document | UnreadableEntry]) -> Iterable[int | None]:
    for entry in listed:
        if isinstance(entry, UnreadableEntry) and not (entry.external_id or "").startswith(OURS):
            yield entry.id


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Customer numbers by easybill's own id; asks easybill where no document names one."""

    client: EasybillClient
    known: dict[int, str]
    speech: Speech

    def of(self, document: Document) -> str:
        customer_id, snapshot = document.customer_id, document.customer_snapshot
        if customer_id is None:
            return self.speech.say("(document {id} has no customer)", id=document.id)
        if customer_id not in self.known:
            said = snapshot.number if snapshot is not None else None
            self.known[customer_id] = said or self._asked(customer_id)
        return self.known[customer_id]

    def _asked(self, customer_id: int) -> str:
        unnamed = self.speech.say("(easybill's customer {id})", id=customer_id)
        try:
            return self.client.read_customer(customer_id).number or unnamed
        except NotFound:
            return unnamed


def ids_of(documents: Sequence[Document]) -> tuple[int, ...]:
    """Their ids, the oldest first."""
    return tuple(sorted(document.id for document in documents))
