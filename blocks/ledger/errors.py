"""What can go wrong with the ledger, by what the caller can do about it."""


class LedgerError(Exception):
    """The ledger refused, or cannot be used; the message says why and what to do."""


class LedgerUnavailable(LedgerError):
    """The ledger's database does not answer; nothing was written, trying again may help."""


class LedgerConflict(LedgerError):
    """The export is no longer as the caller read it: somebody else has changed it since."""


class NotPermitted(LedgerError):
    """The protocol of an export does not permit this; nothing was written."""


class AccountMismatch(LedgerError):
    """The easybill key belongs to another login than those known under this account name."""


class LeaseLost(LedgerError):
    """The month is another run's by now, or nobody's; nothing was written."""

    def __init__(self, month: str, holder: str | None) -> None:
        super().__init__(month, holder)
        self.month = month
        self.holder = holder

    def __str__(self) -> str:
        now = "it was given back" if self.holder is None else f"it is now held by {self.holder}"
        return (
            f"This run no longer has the lease of {self.month}: {now}; nothing was written. "
            "Stop sending; run the month again when no other run holds it."
        )


class AlreadyBilled(LedgerError):
    """Another export holds this line, so it must not be billed again; nothing was written."""

    def __init__(
        self, service_id: str, kind: str, month: str, customer_number: str, sequence: int
    ) -> None:
        super().__init__(service_id, kind, month, customer_number, sequence)

    def __str__(self) -> str:
        service_id, kind, month, customer_number, sequence = self.args
        return (
            f"The {kind} line of service {service_id} already belongs to export {sequence} of "
            f"customer {customer_number} for {month}."
        )
