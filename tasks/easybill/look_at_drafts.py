"""Look at drafts: what the accountant did with them since the last look, into the ledger."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta

from blocks.easybill.client import EasybillClient
from blocks.easybill.models import Document, UnreadableEntry
from blocks.ledger.ledger import Export
from blocks.ledger.records import DraftLook, DraftSeen
from blocks.ledger.states import DraftState
from tasks.billing.month import BERLIN, BillingMonth
from tasks.billing.wording.speech import IN_ENGLISH, Speech
from tasks.run.connections import Connections
from tasks.run.log import run_log

# A payment is booked some days after its date.
PAYMENTS_COME_LATE = timedelta(days=14)
NAMED = 20
_OPEN = frozenset({DraftState.DRAFT, DraftState.EDITED})
_FINAL = frozenset({DraftState.FINALISED, DraftState.CANCELLED})


@dataclass(frozen=True, slots=True)
class WaitingDraft:
    """A draft that nobody has finalised for too long."""

    customer_number: str
    name: str
    month: str
    document_id: int
    net_cents: int
    days: int

    def said_in(self, speech: Speech) -> str:
        """Whose draft it is, and for how long it waits."""
        return speech.say(
            "{who}: draft {id} of {month}, net {net}, for {days} days",
            who=f"{self.customer_number} {self.name}".strip(),
            id=self.document_id,
            month=speech.month(self.month),
            net=speech.amount(self.net_cents),
            days=self.days,
        )


@dataclass(frozen=True, slots=True)
class DraftsChecked:
    """What became of all drafts by this look; `waiting`, the oldest first."""

    counts: Mapping[str, int]
    changed: int
    passed_over: int
    waiting: tuple[WaitingDraft, ...]

    @property
    def is_complete(self) -> bool:
        """A look does all that it can."""
        return True

    def headline(self, speech: Speech = IN_ENGLISH) -> str:
        """What is where, and who waits."""
        say = speech.say
        states = [
            f"{speech.number(self.counts[s])} {say(s)}" for s in DraftState if self.counts.get(s)
        ]
        said = say(
            "Drafts: {states}; {count} changed since the last look",
            states=", ".join(states) or say("none"),
            count=speech.decimal(f"{self.changed}"),
        )
        if self.passed_over:
            count = speech.decimal(f"{self.passed_over}")
            left = say("{count} that a run works on are left to the next look", count=count)
            said = f"{said}; {left}"
        if not self.waiting:
            return said
        wait = say(
            "{drafts} for review, net {net}: {named}",
            drafts=speech.counted(len(self.waiting), "draft waits", "drafts wait"),
            net=speech.amount(sum(draft.net_cents for draft in self.waiting)),
            named=speech.first_few([draft.said_in(speech) for draft in self.waiting], NAMED),
        )
        return f"{wait}. {said}"


def look_at_drafts(
    connections: Connections, log_month: BillingMonth, now: datetime
) -> DraftsChecked:
    """Find what became of every draft, and keep it; nothing that a run decides by is written.

    It holds no month: what a run writes meanwhile is passed over. Its calls are logged under
    `log_month`. Raises EasybillError, LedgerError.
    """
    ledger = connections.ledger
    exports = ledger.drafts()
    today = now.astimezone(BERLIN).date()
    edited_from = _edited_from(exports, ledger.last_look(), today)
    found = _Found.look(connections.client_for(log_month, None), edited_from)
    seen = [(export, found.of(export)) for export in exports]
    news = [(export, now_seen) for export, now_seen in seen if now_seen != _kept(export)]
    passed = ledger.keep_look(news, looked_at=now, edited_from=edited_from, today=today)
    checked = DraftsChecked(
        counts=Counter(now_seen.draft_state or "" for _, now_seen in seen),
        changed=len(news) - len(passed),
        passed_over=len(passed),
        waiting=tuple(_waiting(seen, found, now, connections.review_within_days)),
    )
    run_log().info("%s", checked.headline())
    return checked


@dataclass(frozen=True, slots=True)
class _Found:
    """Documents by id, those that cannot be read, and the invoices that a Storno cancels."""

    documents: Mapping[int, Document]
    unreadable: frozenset[int | None]
    cancelled: frozenset[int | None]

    @classmethod
    def look(cls, client: EasybillClient, edited_from: date) -> "_Found":
        """Ask for open drafts, for what was edited, and for what was paid: the newest word last."""
        entries: list[Document | UnreadableEntry] = [
            *client.list_open_drafts(),
            *client.list_edited(edited_from),
            *client.list_paid(edited_from - PAYMENTS_COME_LATE),
        ]
        documents = {entry.id: entry for entry in entries if isinstance(entry, Document)}
        unreadable = {entry.id for entry in entries if isinstance(entry, UnreadableEntry)}
        stornos = {d.ref_id for d in documents.values() if d.type == "STORNO"}
        return cls(documents, frozenset(unreadable), frozenset(stornos))

    def of(self, export: Export) -> DraftSeen:
        """What became of the export's draft; what is listed nowhere is as it was, or is gone."""
        document, known = self.documents.get(export.document_id or 0), _kept(export)
        is_cancelled = export.document_id in self.cancelled
        if document is None:
            if is_cancelled:
                return replace(known, draft_state=str(DraftState.CANCELLED))
            if known.draft_state in _FINAL or export.document_id in self.unreadable:
                return known
            return DraftSeen(str(DraftState.DELETED))
        if document.is_draft:
            is_ours = document.edited_at == export.document_edited_at
            return DraftSeen(str(DraftState.DRAFT if is_ours else DraftState.EDITED))
        is_cancelled = is_cancelled or document.cancel_id is not None
        return DraftSeen(
            draft_state=str(DraftState.CANCELLED if is_cancelled else DraftState.FINALISED),
            invoice_number=document.number,
            finalised_at=export.finalised_at or _moment(document.edited_at),
            due_date=_day(document.due_date),
            paid_at=_day(document.paid_at),
            paid_cents=document.paid_amount,
        )


def _edited_from(exports: Iterable[Export], last: DraftLook | None, today: date) -> date:
    """Since when edits are to be listed: no draft of ours is older than its month's end."""
    days = [
        BillingMonth.parse(export.month).following().first_day
        for export in exports
        if export.draft_state is None
    ]
    return min([*days, today if last is None else last.edited_from])


def _kept(export: Export) -> DraftSeen:
    return DraftSeen(**{field.name: getattr(export, field.name) for field in fields(DraftSeen)})


def _waiting(
    seen: Collection[tuple[Export, DraftSeen]], found: _Found, now: datetime, within_days: int
) -> list[WaitingDraft]:
    waiting = []
    for export, now_seen in sorted(seen, key=lambda each: each[0].created_at):
        document = found.documents.get(export.document_id or 0)
        days = (now - export.created_at).days
        if document is not None and now_seen.draft_state in _OPEN and days > within_days:
            waiting.append(
                WaitingDraft(
                    customer_number=export.customer_number,
                    name=document.customer_snapshot.name if document.customer_snapshot else "",
                    month=export.month,
                    document_id=document.id,
                    net_cents=document.amount_net,
                    days=days,
                )
            )
    return waiting


def _moment(text: str | None) -> datetime | None:
    """A time of easybill's, which is Berlin's and says so nowhere."""
    try:
        return datetime.fromisoformat(text or "").replace(tzinfo=BERLIN).astimezone(UTC)
    except ValueError:
        return None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
