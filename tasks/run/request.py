"""What a run was asked to do, and the world that it works with."""

from dataclasses import dataclass
from pathlib import Path

from tasks.billing.month import BillingMonth
from tasks.easybill.upload import MonthDelivery
from tasks.run.connections import Connections
from tasks.run.steps import Steps


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run was asked to do; all customers where none are named.

    `let_through` names the bounds of the sense checks that are not to stop anything.
    """

    month: BillingMonth
    customers: frozenset[str] | None = None
    preview: bool = False
    recreate_deleted: bool = False
    let_through: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MonthRun:
    """What was asked, and the world that the run works with."""

    asked: Asked
    connections: Connections
    delivery: MonthDelivery
    steps: Steps

    @property
    def folder(self) -> Path:
        """Where the files of this run go."""
        base = self.connections.export_dir
        return (base / "preview" if self.asked.preview else base) / str(self.asked.month)
