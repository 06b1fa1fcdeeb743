"""What a run did, in words for people."""

from dataclasses import dataclass, replace
from textwrap import shorten

from blocks.ledger.ledger import Export
from tasks.billing.issue import Issue, IssueCode
from tasks.billing.wording import said_of
from tasks.billing.wording.speech import IN_ENGLISH, Speech
from tasks.compare.comparison import Comparison
from tasks.easybill.csv_file import CsvFile
from tasks.load.late import LateMonth
from tasks.report.history import never_run
from tasks.report.month_report import MonthReport
from tasks.report.outcome import IssuesByCustomer
from tasks.report.reconcile import ReconciledRow

NAMED, LONGEST_REASON = 5, 300


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did; amounts in cents. `month_report` is how the whole month is after it.

    `not_invoiced`: every issue of each customer that is not invoiced, by customer number.

    `unlike`: where the OMS, the CSVs and easybill do not agree, of the customers that the run was
    for. `unread`: why easybill's totals could not be read. `to_create`: whom a run would create in
    easybill; only a preview has such. `update_count`: how many of the drafts were there before and
    say something else now, or would after a preview.
    """

    month: str
    preview: bool
    folder: str
    delivered: tuple[Export, ...]
    delivered_before: tuple[str, ...]
    skipped: tuple[str, ...]
    not_invoiced: IssuesByCustomer
    month_report: MonthReport
    previewed: tuple[CsvFile, ...] = ()
    late: tuple[LateMonth, ...] = ()
    unlike: tuple[ReconciledRow, ...] = ()
    unread: tuple[str, ...] = ()
    to_create: frozenset[str] = frozenset()
    update_count: int = 0
    comparison: Comparison | None = None

    @property
    def is_complete(self) -> bool:
        """Whether every customer is done or has nothing to be billed, and all cents agree.

        Where the month was compared: whether all customers are equal.
        """
        if self.comparison is not None:
            return self.comparison.is_equal
        return not (self.not_invoiced or self.unlike or self.unread)

    @property
    def differences(self) -> tuple[str, ...]:
        """What keeps the amounts from agreeing, in words."""
        return self._differences(IN_ENGLISH)

    def with_late(self, owed: "RunReport") -> "RunReport":
        """The report, with what became of an earlier month that was billed beside it."""
        late = tuple(filter(None, (self._still_late(late, owed) for late in self.late)))
        return replace(
            self,
            delivered=(*self.delivered, *owed.delivered),
            not_invoiced=_joined(self.not_invoiced, owed.not_invoiced),
            unlike=(*self.unlike, *owed.unlike),
            unread=(*self.unread, *owed.unread),
            late=late,
            update_count=self.update_count + owed.update_count,
            month_report=replace(self.month_report, late=late),
        )

    @staticmethod
    def _still_late(late: LateMonth, owed: "RunReport") -> LateMonth | None:
        """What a month still owes after this run; None: nothing."""
        if late.month != owed.month or owed.not_invoiced:
            return late
        if not late.issues:
            return None
        return replace(late, customers=(), line_count=0, net_cents=0)

    def with_held(self, late: LateMonth, holder: str) -> "RunReport":
        """The report, where another run works on an earlier month that was to be billed too."""
        code, facts = IssueCode.MONTH_HELD, {"holder": holder}
        held = {n: [Issue(code, n, late.month, facts=facts)] for n in late.customers}
        return replace(self, not_invoiced=_joined(self.not_invoiced, held))

    def headline(self, speech: Speech = IN_ENGLISH) -> str:
        """What is wrong, with the first few by name; what was done; and what was never run."""
        if self.comparison is not None:
            return self.comparison.headline(speech)
        sentences = []
        if self.not_invoiced:
            sentences.append(self._who_is_not_invoiced(speech))
        if differences := self._differences(speech):
            named = speech.first_few(differences, NAMED)
            sentences.append(
                speech.say("OMS, CSVs and easybill do not agree: {named}", named=named)
            )
        sentences.append(self._counts(speech))
        if missed := self.month_report.missed:
            sentences.append(never_run(missed, speech))
        if count := sum(not finding.stops for finding in self.month_report.findings):
            warnings = speech.counted(count, "warning")
            sentences.append(speech.say("{warnings} in the report", warnings=warnings))
        return f"{speech.month(self.month)}: {'. '.join(sentences)}"

    def _differences(self, speech: Speech) -> tuple[str, ...]:
        unread = "easybill's own totals could not be read: {why}"
        return (
            *(speech.say(unread, why=why) for why in self.unread),
            *(row.said_in(speech) for row in self.unlike),
        )

    def _who_is_not_invoiced(self, speech: Speech) -> str:
        customers = len(self.not_invoiced) + len(self.delivered) + len(self.delivered_before)
        said = {n: said_of(issues, speech.language) for n, issues in self.not_invoiced.items()}
        reasons = set(said.values())
        if len(reasons) == 1 and len(said) > NAMED:
            # What all share, such as an outage or the bound of the month, is said once.
            (named,) = reasons
        else:
            each = [f"{n} ({shorten(why, LONGEST_REASON)})" for n, why in said.items()]
            named = speech.first_few(each, NAMED)
        return speech.say(
            "{count} of {all} customers not invoiced: {named}",
            count=speech.decimal(f"{len(said)}"),
            all=speech.decimal(f"{customers + len(self.previewed)}"),
            named=named,
        )

    def _counts(self, speech: Speech) -> str:
        say = speech.say
        amounts: tuple[Export | CsvFile, ...] = (*self.delivered, *self.previewed)
        net = speech.amount(sum(entry.net_cents for entry in amounts))
        gross = speech.amount(sum(entry.gross_cents for entry in amounts))
        sums = say("net {net}, gross {gross}", net=net, gross=gross)
        to_do = []
        if self.to_create:
            customers = speech.counted(len(self.to_create), "customer")
            to_do.append(say("{customers} to be created in easybill", customers=customers))
        if self.preview and self.update_count:
            drafts = speech.counted(self.update_count, "draft")
            to_do.append(say("{drafts} to be updated", drafts=drafts))
        before = speech.counted(len(self.delivered_before), "customer")
        return ", ".join(
            [
                f"{self._done(speech)} ({sums})",
                *to_do,
                say("{customers} delivered before", customers=before),
                say("{count} without services", count=speech.decimal(f"{len(self.skipped)}")),
            ]
        )

    def _done(self, speech: Speech) -> str:
        say, updates = speech.say, self.update_count
        if self.preview:
            files = speech.counted(len(self.previewed), "CSV")
            return say("{files} previewed, nothing sent", files=files)
        drafts = speech.counted(len(self.delivered) - updates, "draft")
        created = say("{drafts} created", drafts=drafts)
        if not updates:
            return created
        return f"{created}, {say('{count} updated', count=speech.decimal(f'{updates}'))}"


def _joined(ours: IssuesByCustomer, theirs: IssuesByCustomer) -> IssuesByCustomer:
    return {n: [*ours.get(n, []), *theirs.get(n, [])] for n in ours.keys() | theirs.keys()}
