"""Report: what a run did, in words for people and in the manifest beside the files."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from blocks.ledger.ledger import Export
from blocks.ledger.states import ExportState
from tasks.billing.invoice import Invoice
from tasks.billing.money import amount_text
from tasks.connections import Connections
from tasks.csv_file import CsvFile
from tasks.decide import MonthPlan
from tasks.failures import CustomerFailure
from tasks.findings import Finding
from tasks.late import LateMonth
from tasks.manifest import write_manifest, write_preview_manifest
from tasks.match_customers import Matches
from tasks.run_log import run_log
from tasks.upload import Delivered

FAILURES_NAMED = 5


@dataclass(frozen=True, slots=True)
class Failed:
    """A customer that was not invoiced, and why."""

    customer_number: str
    reason: str
    shared: bool


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did; amounts in cents."""

    month: str
    preview: bool
    folder: str
    delivered: tuple[Delivered, ...]
    delivered_before: tuple[str, ...]
    skipped: tuple[str, ...]
    failed: tuple[Failed, ...]
    previewed: tuple[CsvFile, ...] = ()
    late: tuple[LateMonth, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every customer is done or has nothing to be billed."""
        return not self.failed

    def with_late(self, owed: "RunReport") -> "RunReport":
        """The report, with what became of an earlier month that was billed beside it."""
        return replace(
            self,
            delivered=(*self.delivered, *owed.delivered),
            failed=(*self.failed, *owed.failed),
            late=tuple(late for late in self.late if late.month != owed.month),
        )

    def headline(self) -> str:
        """One sentence; names the count of failures and the first few."""
        if self.is_complete:
            return f"{self.month}: {self._counts()}"
        customers = len(self.failed) + len(self.delivered) + len(self.delivered_before)
        named = "; ".join(
            f"{entry.customer_number} ({entry.reason})" for entry in self.failed[:FAILURES_NAMED]
        )
        more = len(self.failed) - FAILURES_NAMED
        rest = f"; and {more} more" if more > 0 else ""
        return (
            f"{self.month}: {len(self.failed)} of {customers + len(self.previewed)} customers"
            f" not invoiced: {named}{rest}. {self._counts()}"
        )

    def _counts(self) -> str:
        amounts: tuple[Delivered | CsvFile, ...] = (*self.delivered, *self.previewed)
        net_cents = sum(entry.net_cents for entry in amounts)
        gross_cents = sum(entry.gross_cents for entry in amounts)
        done = (
            f"{len(self.previewed)} CSVs previewed, nothing sent"
            if self.preview
            else f"{len(self.delivered)} drafts created"
        )
        return (
            f"{done} (net {amount_text(net_cents)}, gross {amount_text(gross_cents)}),"
            f" {len(self.delivered_before)} customers delivered before,"
            f" {len(self.skipped)} without services"
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the steps of a run came to."""

    month_plan: MonthPlan
    matches: Matches
    built: tuple[tuple[Invoice, CsvFile | Exception], ...]
    uploads: tuple[object, ...]
    late: tuple[LateMonth, ...]
    exports: tuple[Export, ...]
    findings: tuple[Finding, ...] = ()

    def failed(self) -> tuple[Failed, ...]:
        """Everyone who was not invoiced, each once, with every reason."""
        own: dict[str, list[str]] = defaultdict(list)
        for number, reason in self._own_reasons():
            own[number].append(reason)
        for number, finding in self.stopped():
            if finding.customer_number is not None:
                own[number].append(_stop(finding))
        shared = {f.customer_number: f for f in self._failures() if f.shared}
        failed = [Failed(number, "; ".join(why), shared=False) for number, why in own.items()]
        failed += [Failed(n, f.advice, shared=True) for n, f in shared.items() if n not in own]
        failed += [
            Failed(number, _stop(finding), shared=True)
            for number, finding in self.stopped()
            if finding.customer_number is None and number not in own
        ]
        return tuple(sorted(failed, key=lambda entry: entry.customer_number))

    def stopped(self) -> Iterable[tuple[str, Finding]]:
        """Who is not invoiced because of a bound: a customer's own, or that of the whole run."""
        numbers = {invoice.customer.customer_number for invoice in self.month_plan.invoices}
        for finding in self.findings:
            held_back = numbers if finding.customer_number is None else {finding.customer_number}
            if finding.stops:
                yield from ((number, finding) for number in sorted(held_back & numbers))

    def _own_reasons(self) -> Iterable[tuple[str, str]]:
        for number, reasons in self.month_plan.refusals.items():
            yield from ((number, reason) for reason in reasons)
        for conflict in self.month_plan.conflicts:
            yield conflict.export.customer_number, conflict.reason
        yield from self.matches.refusals.items()
        for invoice, file in self.built:
            if isinstance(file, Exception):
                yield invoice.customer.customer_number, str(file)
        for failure in self._failures():
            if not failure.shared:
                yield failure.customer_number, failure.advice

    def _failures(self) -> Iterable[CustomerFailure]:
        """The deliveries that failed; anything else that was raised is raised here."""
        for upload in self.uploads:
            if isinstance(upload, CustomerFailure):
                yield upload
            elif isinstance(upload, Exception):
                raise upload


def _stop(finding: Finding) -> str:
    return f"{finding.message}: mend the OMS, or let it through (let_through {finding.name})"


def report(outcome: Outcome, connections: Connections, folder: Path, *, preview: bool) -> RunReport:
    """Keep in the ledger who was refused or had nothing, write the manifest, sum the run up."""
    plan = outcome.month_plan
    previewed = tuple(file for _, file in outcome.built if isinstance(file, CsvFile))
    if preview:
        write_preview_manifest(previewed, plan.month, folder)
    else:
        _keep(outcome, connections)
        write_manifest(connections.ledger.exports(str(plan.month)), plan.month, folder)
    summary = RunReport(
        month=str(plan.month),
        preview=preview,
        folder=str(folder),
        delivered=tuple(entry for entry in outcome.uploads if isinstance(entry, Delivered)),
        delivered_before=plan.delivered,
        skipped=plan.skipped,
        failed=outcome.failed(),
        previewed=previewed if preview else (),
        late=outcome.late,
    )
    for late in summary.late:
        run_log().warning("%s; bill_late=true bills them as drafts of their month", late)
    run_log().info("%s", summary.headline())
    return summary


def _keep(outcome: Outcome, connections: Connections) -> None:
    ledger, plan, run_id = connections.ledger, outcome.month_plan, connections.flow_run_id
    month = str(plan.month)
    refused = {number: "; ".join(why) for number, why in plan.refusals.items()}
    stopped = {number: _stop(finding) for number, finding in outcome.stopped()}
    for number, reason in {**stopped, **outcome.matches.refusals, **refused}.items():
        ledger.fail(month, number, error=reason, flow_run_id=run_id)
    ledger.skip(month, plan.skipped, flow_run_id=run_id)
    reasons = {conflict.export.id: conflict.reason for conflict in plan.conflicts}
    for export in _delivered(outcome):
        if export.error != reasons.get(export.id):
            ledger.advance(export, export.state, error=reasons.get(export.id))


def _delivered(outcome: Outcome) -> Iterable[Export]:
    """The exports that this run found delivered and did not send again."""
    sent = {(i.customer.customer_number, i.sequence) for i in outcome.month_plan.invoices}
    for export in outcome.exports:
        key = (export.customer_number, export.sequence)
        if export.state == ExportState.DELIVERED and key not in sent:
            yield export
