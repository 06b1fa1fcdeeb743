"""Where does a draft's position come from? Answered from the CSV, the ledger and the OMS."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from blocks.ledger.ledger import BilledLine, Claim, Export
from tasks.billing.digest import line_digest
from tasks.billing.invoice import Customer, Invoice
from tasks.billing.month import BillingMonth
from tasks.easybill.layouts import layout_of_export
from tasks.questions.calls import CallsAnswer, answer_writes
from tasks.questions.sent import FileState, OmsLine, SentLine, file_state, oms_lines, sent_lines
from tasks.run.connections import Connections


@dataclass(frozen=True, slots=True)
class Position:
    """A position of a draft, and the service that it comes from.

    `in_oms` is the OMS's line, None where it has it no more; `remark` tells what it says otherwise
    today.
    """

    sent: SentLine
    in_oms: OmsLine | None
    remark: str | None


@dataclass(frozen=True, slots=True)
class DraftAnswer:
    """A draft as it was sent, and the calls that sent its customer's month.

    Where the file is not what was sent, the positions are what the OMS says today, and `unplaced`
    are the lines that it has no more.
    """

    export: Export
    customer_name: str
    file: FileState
    positions: tuple[Position, ...]
    unplaced: tuple[BilledLine, ...]
    sent: CallsAnswer


def answer_draft(connections: Connections, document_id: int) -> DraftAnswer | None:
    """Tell where each position of a draft comes from; None where the ledger has no such draft."""
    ledger = connections.ledger
    export = ledger.find_draft(document_id)
    if export is None:
        return None
    month = BillingMonth.parse(export.month)
    snapshot = connections.oms.read_services(month.starts_at, month.ends_at)
    held = ledger.billed_lines(ledger.lines_of(export))
    wanted = pl.col("service_id").is_in([line.service_id for line in held])
    in_oms = oms_lines(snapshot.services.filter(wanted), connections.account.cancellation_fee_label)
    sent = sent_lines(export, layout_of_export(connections, export))
    sent = sent or _in_order(export, [in_oms[key] for key in held if key in in_oms])
    return DraftAnswer(
        export=export,
        customer_name=_name_of(export.customer_number, snapshot.customers),
        file=file_state(export),
        positions=tuple(
            Position(row, in_oms.get(row.line), _remark(in_oms.get(row.line), held.get(row.line)))
            for row in sent
        ),
        unplaced=tuple(sorted(held.keys() - {row.line for row in sent})),
        sent=answer_writes(ledger, export.month, export.customer_number),
    )


def _in_order(export: Export, found: Sequence[OmsLine]) -> tuple[SentLine, ...]:
    """The lines in the order in which they are billed."""
    month, customer = BillingMonth.parse(export.month), Customer(export.customer_number)
    ordered = Invoice.of(month, customer, [line.item for line in found]).lines
    return tuple(SentLine.of(item) for item in ordered)


def _remark(line: OmsLine | None, claim: Claim | None) -> str | None:
    if line is None:
        return "the OMS has it no more in this month"
    if claim is None:
        return "the ledger does not say that this draft bills it"
    if claim.line_sha256 not in (None, "", line_digest(line.item)):
        return "changed in the OMS since"
    return None


def _name_of(customer_number: str, customers: pl.DataFrame) -> str:
    rows = customers.filter(pl.col("customer_number") == customer_number).to_dicts()
    return Customer(**rows[0]).display_name if rows else ""
