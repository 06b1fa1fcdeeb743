"""What a run was asked to do."""

from dataclasses import dataclass

from tasks.billing.month import BillingMonth


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What a run was asked to do; all customers where none are named.

    `let_through` names the bounds of the checks that are not to stop anything.
    """

    month: BillingMonth
    customers: frozenset[str] | None = None
    preview: bool = False
    recreate_deleted: bool = False
    let_through: frozenset[str] = frozenset()
