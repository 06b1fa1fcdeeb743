"""Who plays: the real pieces, or for once a version without one of its guards."""

from dataclasses import dataclass

from tasks.easybill.upload import MonthDelivery
from tasks.run.gate import Gate
from tests.simulation.ledger import SimLedger
from tests.simulation.ledger_tables import LedgerTables
from tests.simulation.oms import SimOms


@dataclass(frozen=True, slots=True)
class Cast:
    """The classes that a story is played with."""

    ledger: type[SimLedger] = SimLedger
    tables: type[LedgerTables] = LedgerTables
    oms: type[SimOms] = SimOms
    delivery: type[MonthDelivery] = MonthDelivery
    gate: type[Gate] = Gate


AS_IN_PRODUCTION = Cast()
