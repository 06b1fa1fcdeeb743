"""Issues: why something is not billed, or should be looked at; one noun for every "why".

What a code means is declared here once. Its words are in the catalogue of `tasks.billing.wording`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """What an issue does: a warning stops nothing."""

    WARNS = "warns"
    STOPS_CUSTOMER = "stops_customer"
    STOPS_RUN = "stops_run"


class Kind(StrEnum):
    """Why a customer is not invoiced, in four groups; reports sort and count by them."""

    FAILED = "failed"
    STOPPED = "stopped"
    CONFLICT = "conflict"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code means.

    `is_shared`: the cause is not this customer's alone. `is_repeatable`: trying again by itself may
    help.
    """

    severity: Severity
    kind: Kind = Kind.FAILED
    is_shared: bool = False
    is_repeatable: bool = False


_FAILED = Meaning(Severity.STOPS_CUSTOMER)
_CONFLICT = Meaning(Severity.STOPS_CUSTOMER, Kind.CONFLICT)
_NOT_RUN = Meaning(Severity.STOPS_CUSTOMER, Kind.NOT_RUN)
_IN_DOUBT = Meaning(Severity.STOPS_CUSTOMER, is_repeatable=True)
_SHARED = Meaning(Severity.STOPS_CUSTOMER, is_shared=True)
_OUTAGE = Meaning(Severity.STOPS_CUSTOMER, is_shared=True, is_repeatable=True)
_STOPS_RUN = Meaning(Severity.STOPS_RUN, is_shared=True)
_CUSTOMERS_BOUND = Meaning(Severity.STOPS_CUSTOMER, Kind.STOPPED)
_MONTHS_BOUND = Meaning(Severity.STOPS_RUN, Kind.STOPPED, is_shared=True)
_WARNS = Meaning(Severity.WARNS)


class IssueCode(StrEnum):
    """What is wrong, and what that means.

    A code is written into the ledger and into reports, so it never changes.
    """

    meaning: Meaning

    def __new__(cls, value: str, meaning: Meaning = _FAILED) -> "IssueCode":
        """A member is its text; the meaning is kept beside it."""
        code = str.__new__(cls, value)
        code._value_ = value
        code.meaning = meaning
        return code

    ROW_INVALID = "row_invalid", _FAILED
    CUSTOMER_NOT_LISTED = "customer_not_listed", _FAILED
    CUSTOMER_UNKNOWN = "customer_unknown", _FAILED
    VAT_CONTRADICTION = "vat_contradiction", _FAILED
    NOT_IN_EASYBILL = "not_in_easybill", _FAILED
    DUPLICATED_IN_EASYBILL = "duplicated_in_easybill", _FAILED
    CREATION_REFUSED = "creation_refused", _FAILED
    CREATED_ELSEWHERE = "created_elsewhere", _FAILED
    CREATION_IN_DOUBT = "creation_in_doubt", _FAILED
    FILE_NOT_BUILT = "file_not_built", _FAILED
    NOT_IN_LAYOUT = "not_in_layout", _FAILED
    FILE_SPOILED = "file_spoiled", _FAILED
    EASYBILL_REFUSED = "easybill_refused", _FAILED
    EASYBILL_FORBIDDEN = "easybill_forbidden", _FAILED
    EASYBILL_UNREADABLE = "easybill_unreadable", _FAILED
    OUTCOME_UNKNOWN = "outcome_unknown", _IN_DOUBT
    FILE_VANISHES = "file_vanishes", _FAILED
    ALREADY_BILLED = "already_billed", _FAILED
    LEDGER_REFUSED = "ledger_refused", _FAILED
    NOT_PERMITTED = "not_permitted", _FAILED
    DRAFT_UNFINISHED = "draft_unfinished", _FAILED

    DRAFT_DELETED = "draft_deleted", _CONFLICT
    DRAFT_DIFFERS = "draft_differs", _CONFLICT
    NOTHING_LEFT = "nothing_left", _CONFLICT
    DRAFT_EDITED = "draft_edited", _CONFLICT
    DRAFT_EDITED_MEANWHILE = "draft_edited_meanwhile", _CONFLICT
    NOT_WITHDRAWN = "not_withdrawn", _CONFLICT
    AMOUNTS_DIFFER = "amounts_differ", _CONFLICT
    FILE_NOT_AS_SENT = "file_not_as_sent", _CONFLICT
    FILE_ELSEWHERE = "file_elsewhere", _CONFLICT
    FINALISED_OVERWRITTEN = "finalised_overwritten", _CONFLICT
    DOCUMENT_UNCLEAR = "document_unclear", _CONFLICT
    DOCUMENT_OF_ANOTHER = "document_of_another", _CONFLICT
    BILLED_IN_OTHER_MONTH = "billed_in_other_month", _CONFLICT
    DOCUMENT_APPEARED = "document_appeared", _CONFLICT
    DOCUMENTS_DUPLICATED = "documents_duplicated", _CONFLICT
    NOT_ACCEPTABLE = "not_acceptable", _CONFLICT
    DOCUMENTS_ORPHANED = "documents_orphaned", _CONFLICT

    NOT_BILLED_YET = "not_billed_yet", _NOT_RUN
    DRAFT_OUTDATED = "draft_outdated", _NOT_RUN
    MONTH_STILL_RUNS = "month_still_runs", _NOT_RUN
    MONTH_NEVER_RUN = "month_never_run", _NOT_RUN
    DRAFT_WITHDRAWN = "draft_withdrawn", _NOT_RUN
    NOTHING_TO_WITHDRAW = "nothing_to_withdraw", _NOT_RUN
    SERVICE_UNKNOWN = "service_unknown", _NOT_RUN

    KEY_REFUSED = "key_refused", _SHARED
    EASYBILL_UNAVAILABLE = "easybill_unavailable", _OUTAGE
    NOT_TRIED = "not_tried", _SHARED
    LEDGER_UNAVAILABLE = "ledger_unavailable", _SHARED
    FILE_NOT_WRITTEN = "file_not_written", _SHARED
    MONTH_LOST = "month_lost", _SHARED

    OMS_UNAVAILABLE = "oms_unavailable", _STOPS_RUN
    OMS_CONTRACT_BROKEN = "oms_contract_broken", _STOPS_RUN
    SETTINGS_WRONG = "settings_wrong", _STOPS_RUN
    MONTH_NOT_OVER = "month_not_over", _STOPS_RUN
    MONTH_BEFORE_FIRST = "month_before_first", _STOPS_RUN
    MONTH_HELD = "month_held", _STOPS_RUN
    UNEXPECTED = "unexpected", _STOPS_RUN

    LINE_NET = "line_net", _CUSTOMERS_BOUND
    INVOICE_NET = "invoice_net", _CUSTOMERS_BOUND
    LINE_COUNT = "line_count", _CUSTOMERS_BOUND
    MONTH_NET = "month_net", _MONTHS_BOUND
    MONTH_CHANGE = "month_change", _MONTHS_BOUND
    UNUSUAL_TOTAL = "unusual_total", _WARNS
    NET_NOT_POSITIVE = "net_not_positive", _WARNS
    DUPLICATES = "duplicates", _WARNS
    FIRST_TIME = "first_time", _WARNS
    GONE_QUIET = "gone_quiet", _WARNS
    NO_HISTORY = "no_history", _WARNS
    CUSTOMER_ARCHIVED = "customer_archived", _WARNS
    NO_ADDRESS = "no_address", _WARNS
    MIXED_VAT = "mixed_vat", _WARNS
    NO_VAT_ID = "no_vat_id", _WARNS
    INVOICE_CANCELLED = "invoice_cancelled", _WARNS
    VAT_ID_WRONG = "vat_id_wrong", _WARNS
    NO_BUYER_REFERENCE = "no_buyer_reference", _WARNS
    BUYER_REFERENCE_WRONG = "buyer_reference_wrong", _WARNS


Fact = str | int | None | Sequence["Fact"] | Mapping[str, "Fact"]


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is not billed, or that a person should look at.

    The subject is a customer, month, service or document, as far as it is about one. `facts` are
    values that the words need: `…_cents` an amount, `…_count` a number of things, other numbers
    whole; everything else is text as it is. `only_warns`: a bound that stops nothing here.
    """

    code: IssueCode
    customer_number: str | None = None
    month: str | None = None
    service_id: str | None = None
    document_id: int | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
    only_warns: bool = False

    @property
    def severity(self) -> Severity:
        """What it does."""
        return Severity.WARNS if self.only_warns else self.code.meaning.severity

    @property
    def stops(self) -> bool:
        """Whether it stops its customer or the run."""
        return self.severity is not Severity.WARNS

    @property
    def kind(self) -> Kind:
        """Its group in reports."""
        return self.code.meaning.kind

    @property
    def is_shared(self) -> bool:
        """Whether the cause is not this customer's alone."""
        return self.code.meaning.is_shared

    @property
    def is_repeatable(self) -> bool:
        """Whether trying again by itself may help."""
        return self.code.meaning.is_repeatable

    @property
    def name(self) -> str:
        """Code and customer: what `let_through` calls it, such as `invoice_net:K1001`."""
        return self.code if self.customer_number is None else f"{self.code}:{self.customer_number}"
