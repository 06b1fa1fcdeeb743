"""What a run was asked to do."""

from dataclasses import dataclass

from tasks.billing.month import BillingMonth


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What a run was asked to do; all customers where none are named.

    `compare`: a preview, held against what easybill has by hand; it writes nowhere but into files.
    `bill_again`: bill the services of cancelled invoices once more. `let_through` names the bounds
    of the checks that are not to stop anything.
    """

    month: BillingMonth
    customers: frozenset[str] | None = None
    preview: bool = False
    compare: bool = False
    recreate_deleted: bool = False
    bill_again: bool = False
    let_through: frozenset[str] = frozenset()
