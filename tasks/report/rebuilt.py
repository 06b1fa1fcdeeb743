"""What a rebuilt ledger knows of a month, and which documents it still does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from blocks.ledger.states import ExportState
from tasks.billing.issue import Issue
from tasks.billing.wording import sentences_of
from tasks.easybill.settle import Settled
from tasks.easybill.upload import MonthDelivery
from tasks.plan.kept_issue import kept_issue
from tasks.report.orphan_documents import orphan_documents


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many documents were taken in, and what is not clear."""

    month: str
    taken_in_count: int
    issues: Sequence[Issue]

    @property
    def is_complete(self) -> bool:
        """Whether the ledger knows of each document of the month which services it bills."""
        return not self.issues

    def headline(self) -> str:
        """One sentence, and what is not clear."""
        done = f"{self.month}: {self.taken_in_count} documents taken in from easybill"
        unclear = " ".join(f"Customer {i.customer_number}: {sentences_of(i)}" for i in self.issues)
        return f"{done}, {len(self.issues)} not clear: {unclear}" if unclear else done


def rebuilt(delivery: MonthDelivery, settled: Settled, taken_in_count: int) -> Rebuilt:
    """What a month came to after its documents were taken in."""
    disputed = [e for e in settled.exports if e.state == ExportState.CONFLICT]
    conflicts = [issue for export in disputed if (issue := kept_issue(export)) is not None]
    explained = {issue.customer_number or "" for issue in conflicts} | settled.open.keys()
    orphans = orphan_documents(
        delivery.month, delivery.lookup.all_documents(), settled.exports, explained
    )
    issues = [*conflicts, *chain(*settled.open.values()), *chain(*orphans.values())]
    return Rebuilt(str(delivery.month), taken_in_count - len(disputed), issues)
