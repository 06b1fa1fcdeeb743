"""Let through: which findings stop what is to be sent, and which of them a person let through."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from tasks.billing.invoice import Invoice
from tasks.billing.issue import Issue, IssueCode, Severity
from tasks.checks.all_checks import ALL_CHECKS

_CODES = tuple(IssueCode(check.__name__) for check in ALL_CHECKS)
_OF_A_CUSTOMER = tuple(c for c in _CODES if c.meaning.severity is Severity.STOPS_CUSTOMER)
_OF_THE_RUN = tuple(c for c in _CODES if c.meaning.severity is Severity.STOPS_RUN)
NAMES = (*(f"{code}:CUSTOMER" for code in _OF_A_CUSTOMER), *_OF_THE_RUN)
NAME_PATTERN = f"^(({'|'.join(_OF_A_CUSTOMER)}):.+|{'|'.join(_OF_THE_RUN)})$"


def known_name(name: str) -> str:
    """The name as it is; ValueError where no finding that stops can have it."""
    code, _, number = name.partition(":")
    if name in _OF_THE_RUN or (code in _OF_A_CUSTOMER and number):
        return name
    raise ValueError(f"{name!r} lets nothing through; there are {', '.join(NAMES)}")


def names_of_nothing(findings: Iterable[Issue], let_through: Collection[str]) -> list[str]:
    """The names that no finding has: mistyped perhaps, or no longer needed."""
    return sorted(frozenset(let_through) - {finding.name for finding in findings})


def hold_back(
    findings: Iterable[Issue], invoices: Iterable[Invoice], let_through: Collection[str]
) -> tuple[Issue, ...]:
    """Let a finding stop only what is to be sent and is not let through; else it only warns."""
    to_send = {invoice.customer.customer_number for invoice in invoices}

    def stops(finding: Issue) -> bool:
        if not finding.stops or finding.name in let_through:
            return False
        if finding.customer_number is None:
            return bool(to_send)
        return finding.customer_number in to_send

    return tuple(replace(finding, only_warns=not stops(finding)) for finding in findings)


def stops_everybody(findings: Iterable[Issue]) -> bool:
    """Whether a finding stops the run."""
    return any(finding.severity is Severity.STOPS_RUN for finding in findings)


def going(invoices: Iterable[Invoice], findings: Collection[Issue]) -> list[Invoice]:
    """The invoices that no finding stops."""
    if stops_everybody(findings):
        return []
    stopped = {finding.customer_number for finding in findings if finding.stops}
    return [i for i in invoices if i.customer.customer_number not in stopped]
