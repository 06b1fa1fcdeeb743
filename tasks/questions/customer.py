"""Why is a customer missing? Answered from the OMS and the ledger."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from blocks.ledger.ledger import BilledLine, Claim, Export
from blocks.ledger.states import ExportState
from tasks.billing.line_item import LineItem
from tasks.easybill.digest import line_digest
from tasks.plan.decide import billed_line
from tasks.questions.known import KnownMonth

AGAIN = "run the month again"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is in no draft, or not as it should be, and what to do next."""

    text: str
    next_step: str


@dataclass(frozen=True, slots=True)
class CustomerAnswer:
    """How one customer's month stands; it is done where there is no reason why not.

    `lines` are the OMS's; none where its rows are unsound. `open_lines` stand in no draft; they are
    late where the customer was done before they came.
    """

    month: str
    customer_number: str
    name: str
    lines: tuple[LineItem, ...]
    drafts: tuple[Export, ...]
    open_lines: tuple[LineItem, ...]
    are_late: bool
    is_readable: bool
    reasons: tuple[Reason, ...]

    @property
    def is_done(self) -> bool:
        """Whether all services stand in finished drafts, or there are none."""
        return not self.reasons


def answer_customer(known: KnownMonth, customer_number: str) -> CustomerAnswer:
    """Tell how one customer's month stands, with every reason why it is not done."""
    exports = known.exports.get(customer_number, ())
    customer = known.loaded.customers.get(customer_number)
    lines = known.loaded.lines.get(customer_number, ())
    open_lines = tuple(line for line in lines if known.draft_of(line) is None)
    drafts = tuple(export for export in exports if export.document_id is not None)
    view = _CustomerView(known, customer_number, exports, drafts, lines, open_lines)
    return CustomerAnswer(
        month=str(known.loaded.month),
        customer_number=customer_number,
        name=customer.display_name if customer else "",
        lines=lines,
        drafts=drafts,
        open_lines=open_lines,
        are_late=any(export.state in _DONE for export in exports),
        is_readable=customer_number not in known.loaded.refusals,
        reasons=tuple(view.reasons()),
    )


_DONE = frozenset({ExportState.DELIVERED, ExportState.SKIPPED})
_UNSENT: Mapping[str, str] = {
    ExportState.FAILED: "the last run could not invoice the customer",
    ExportState.WITHDRAWN: "the draft was withdrawn, or deleted in easybill and given up",
    ExportState.SKIPPED: "the customer had no services when the month was last run",
}


@dataclass(frozen=True, slots=True)
class _CustomerView:
    """One customer's month while the reasons are looked for."""

    known: KnownMonth
    number: str
    exports: Sequence[Export]
    drafts: Sequence[Export]
    lines: Sequence[LineItem]
    open_lines: Sequence[LineItem]

    def reasons(self) -> Iterator[Reason]:
        refusals = self.known.loaded.refusals.get(self.number, ())
        yield from (Reason(why, f"Mend it in the OMS, then {AGAIN}.") for why in refusals)
        if not refusals and not self.exports and self.number not in self.known.loaded.customers:
            yield Reason("neither the OMS nor the ledger knows the customer", "Check the number.")
        yield from self._unfinished()
        if self.open_lines and not any(_is_disputed_unsent(export) for export in self.exports):
            yield self._why_open()
        if not refusals:
            yield from self._differences()

    def _unfinished(self) -> Iterator[Reason]:
        """What the ledger says of drafts that are not done, or no longer agree."""
        for export in self.exports:
            if export.state == ExportState.CONFLICT:
                text = export.error or "the draft and the services no longer agree"
                yield Reason(text, f"Compare the two in easybill, then {AGAIN}.")
            elif export.state == ExportState.DELIVERED and export.error:
                yield Reason(export.error, f"Do as it says, then {AGAIN}.")
            elif export.document_id is not None and export.state != ExportState.DELIVERED:
                text = f"draft {export.document_id} is not finished, it stopped at '{export.state}'"
                yield Reason(_with_error(text, export), f"{AGAIN.capitalize()}.")

    def _why_open(self) -> Reason:
        """Why lines stand in no draft."""
        month = self.known.loaded.month
        if not self.known.is_over:
            return Reason(f"{month} is not over yet", f"Run it after {month.last_day}.")
        if not self.known.was_run:
            return Reason(
                f"{month} was never run for account {self.known.account}",
                f"Run it: python -m flows.monthly_invoicing --month {month}",
            )
        unsent = [export for export in self.exports if export.document_id is None]
        if unsent:
            text = _UNSENT.get(unsent[-1].state, f"the delivery stopped at '{unsent[-1].state}'")
            return Reason(_with_error(text, unsent[-1]), _after(unsent[-1]))
        if self.drafts:
            return Reason("came into the OMS after the draft was made", f"{AGAIN.capitalize()}.")
        return Reason("no run has billed the customer yet", f"{AGAIN.capitalize()}.")

    def _differences(self) -> Iterator[Reason]:
        """What the OMS says otherwise than the drafts, and no run has noticed yet."""
        found = {billed_line(line): line for line in self.lines}
        for export in self.drafts:
            if export.error:
                continue
            held = self.known.held.get(export.id, {})
            said = list(_said_otherwise(found, held))
            if said:
                yield Reason(
                    f"{' and '.join(said)} the OMS since draft {export.document_id}",
                    f"{AGAIN.capitalize()}: a draft that nobody touched follows the OMS.",
                )


def _is_disputed_unsent(export: Export) -> bool:
    return export.state == ExportState.CONFLICT and export.document_id is None


def _said_otherwise(
    found: Mapping[BilledLine, LineItem], held: Mapping[BilledLine, Claim]
) -> Iterator[str]:
    gone = sorted({line.service_id for line in held.keys() - found.keys()})
    changed = sorted(
        line.service_id
        for line, claim in held.items()
        if line in found and claim.line_sha256 not in (None, "", line_digest(found[line]))
    )
    if changed:
        yield f"services {', '.join(changed)} were changed in"
    if gone:
        yield f"services {', '.join(gone)} are gone from"


def _with_error(text: str, export: Export) -> str:
    return f"{text}: {export.error}" if export.error else text


def _after(export: Export) -> str:
    if export.state == ExportState.FAILED:
        return f"Mend what it names, then {AGAIN}."
    return f"{AGAIN.capitalize()}."
