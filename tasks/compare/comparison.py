"""Comparison: customer by customer, whether the OMS comes to what was invoiced by hand."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum

from blocks.easybill.models import Document
from tasks.billing.invoice import Invoice
from tasks.billing.money import amount_text
from tasks.billing.wording import text_of
from tasks.billing.wording.speech import IN_ENGLISH, Speech
from tasks.compare.by_hand import Found, MadeByHand, ids_of
from tasks.compare.unlike_lines import UnlikeLine, unlike_lines
from tasks.load.month_of_services import MonthOfServices

NAMED = 5
NOTHING = MadeByHand()


class Verdict(StrEnum):
    """How a customer's month in the OMS is to what easybill has of it."""

    EQUAL = "equal"
    DIFFERS = "differs"
    ONLY_IN_OMS = "only in the OMS"
    ONLY_IN_EASYBILL = "only in easybill"


@dataclass(frozen=True, slots=True)
class ComparedCustomer:
    """A customer's month on both sides; amounts in cents, 0 where a side has nothing.

    Ours are None where rows of the OMS are not valid, so that nobody knows what they come to.
    `document_ids` are those that count. `remarks`: what a person should know beside the sums.
    """

    customer_number: str
    name: str
    ours_net_cents: int | None
    ours_gross_cents: int | None
    theirs_net_cents: int
    theirs_gross_cents: int
    document_ids: tuple[int, ...]
    verdict: Verdict
    remarks: tuple[str, ...] = ()
    unlike_lines: tuple[UnlikeLine, ...] = ()

    def __str__(self) -> str:
        ours = "?" if self.ours_net_cents is None else amount_text(self.ours_net_cents)
        sums = f"net {ours} in the OMS, {amount_text(self.theirs_net_cents)} in easybill"
        said = (sums, *self.remarks, *map(str, self.unlike_lines))
        return f"{self.customer_number} {self.verdict}: {'; '.join(said)}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """All customers that either side has; `unread`: ids of documents that cannot be read."""

    month: str
    rows: tuple[ComparedCustomer, ...]
    unread: tuple[int | None, ...] = ()

    @property
    def unequal(self) -> tuple[ComparedCustomer, ...]:
        """Those who are not equal."""
        return tuple(row for row in self.rows if row.verdict is not Verdict.EQUAL)

    @property
    def is_equal(self) -> bool:
        """Whether all customers are equal, and every document could be read."""
        return not self.unequal and not self.unread

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """How many customers have each verdict."""
        found = Counter(row.verdict for row in self.rows)
        return {verdict: found[verdict] for verdict in Verdict}

    def headline(self, speech: Speech = IN_ENGLISH) -> str:
        """How many are equal and who is not, in one line."""
        say = speech.say
        parts = [f"{speech.number(n)} {say(verdict)}" for verdict, n in self.counts.items() if n]
        counts = ", ".join(parts) or say("no customer")
        said = [say("compared with easybill, nothing sent: {counts}", counts=counts)]
        if self.unequal:
            named = [f"{row.customer_number} ({say(row.verdict)})" for row in self.unequal]
            said.append(speech.first_few(named, NAMED))
        if self.unread:
            documents = speech.counted(len(self.unread), "document")
            said.append(say("{documents} could not be read", documents=documents))
        return f"{speech.month(self.month)}: {'. '.join(said)}"


def compare(
    loaded: MonthOfServices,
    found: Found,
    customers: Set[str] | None = None,
    speech: Speech = IN_ENGLISH,
) -> Comparison:
    """Hold the month of the OMS against what was made by hand; pure.

    `customers`: only these; None: all. The verdict goes by the sums, net and gross. The remarks are
    in the words of `speech`.
    """
    numbers = {*loaded.lines, *loaded.refused, *found.by_customer}
    rows = (
        _compared(loaded, number, found.by_customer.get(number, NOTHING), speech)
        for number in sorted(numbers)
        if customers is None or number in customers
    )
    return Comparison(str(loaded.month), tuple(filter(None, rows)), found.unread)


def _compared(
    loaded: MonthOfServices, number: str, theirs: MadeByHand, speech: Speech
) -> ComparedCustomer | None:
    """The customer's row; None where nothing counts on either side."""
    invoice = _invoice(loaded, number)
    is_refused = number in loaded.refused
    if invoice is None and not is_refused and not theirs.counted:
        return None
    verdict = _verdict(invoice, theirs.counted, is_refused=is_refused)
    totals = invoice.totals if invoice is not None else None
    unknown = None if is_refused else 0
    return ComparedCustomer(
        customer_number=number,
        name=loaded.customers[number].display_name if number in loaded.customers else "",
        ours_net_cents=totals.net_cents if totals else unknown,
        ours_gross_cents=totals.gross_cents if totals else unknown,
        theirs_net_cents=sum(document.amount_net for document in theirs.counted),
        theirs_gross_cents=sum(document.amount for document in theirs.counted),
        document_ids=ids_of(theirs.counted),
        verdict=verdict,
        remarks=(*_refusals(loaded, number, speech), *_remarks(invoice, theirs, speech)),
        unlike_lines=tuple(
            unlike_lines(invoice.lines, theirs.counted)
            if invoice is not None and verdict is Verdict.DIFFERS
            else ()
        ),
    )


def _invoice(loaded: MonthOfServices, number: str) -> Invoice | None:
    lines = loaded.lines.get(number)
    if lines is None:
        return None
    return Invoice.of(loaded.month, loaded.customers[number], lines)


def _verdict(
    invoice: Invoice | None, documents: Sequence[Document], *, is_refused: bool
) -> Verdict:
    if not documents:
        return Verdict.ONLY_IN_OMS
    if invoice is None:
        return Verdict.DIFFERS if is_refused else Verdict.ONLY_IN_EASYBILL
    theirs = (sum(d.amount_net for d in documents), sum(d.amount for d in documents))
    ours = (invoice.totals.net_cents, invoice.totals.gross_cents)
    is_equal = theirs == ours and not _other_currencies(invoice, documents)
    return Verdict.EQUAL if is_equal else Verdict.DIFFERS


def _other_currencies(invoice: Invoice, documents: Iterable[Document]) -> list[str]:
    ours = invoice.customer.currency
    return sorted({d.currency for d in documents if d.currency not in (None, ours)} - {None, ""})


def _refusals(loaded: MonthOfServices, number: str, speech: Speech) -> Iterator[str]:
    for issue in loaded.refused.get(number, ()):
        yield speech.say("cannot be invoiced: {why}", why=text_of(issue, speech.language))


def _remarks(invoice: Invoice | None, theirs: MadeByHand, speech: Speech) -> Iterator[str]:
    say = speech.say
    if (count := len(theirs.counted)) > 1:
        listed = _listed(theirs.counted)
        yield say("{count} documents, added up: {documents}", count=count, documents=listed)
    if drafts := [document for document in theirs.counted if document.is_draft]:
        yield say("still a draft: {documents}", documents=_listed(drafts))
    if theirs.cancelled:
        cancelled = _listed(theirs.cancelled)
        yield say("does not count, as it was cancelled: {documents}", documents=cancelled)
    if theirs.of_other_months:
        others = _listed(theirs.of_other_months)
        yield say(
            "does not count, as its services are another month's: {documents}", documents=others
        )
    if invoice is not None and (strange := _other_currencies(invoice, theirs.counted)):
        ours = invoice.customer.currency
        yield say("in {theirs}, not in {ours}", theirs=", ".join(strange), ours=ours)


def _listed(documents: Sequence[Document]) -> str:
    named = {d.id: f"{d.id} ({d.number})" if d.number else f"{d.id}" for d in documents}
    return ", ".join(named[document_id] for document_id in ids_of(documents))
