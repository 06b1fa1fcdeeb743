from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from blocks.easybill.models import Document
from blocks.ledger.ledger import ACCEPTED, BilledLine, Claim, Export
from tasks.billing.digest import line_digest
from tasks.billing.draft_status import DraftStatus
from tasks.billing.invoice import Customer, Invoice
from tasks.billing.issue import Issue, IssueCode
from tasks.billing.line_item import LineItem
from tasks.billing.wording import text_of
from tasks.easybill.billed_content import bills, digest_of
from tasks.easybill.draft_status import status_of
from tasks.load.billed_line import billed_line
from tasks.load.month_of_services import MonthOfServices
from tasks.plan.decide import Known, MonthPlan, decide
from tests.tasks.billing.test_invoice import FEE, LINE, OCTOBER

NOW = datetime(2026, 11, 1, 5, tzinfo=UTC)
DELIVERED = Export(
    id=1,
    account="main",
    month="2026-10",
    customer_number="K1",
    sequence=1,
    state="delivered",
    csv_sha256="0" * 64,
    csv_path="K1.csv",
    line_count=1,
    net_cents=6833,
    gross_cents=8200,
    attachment_id=7,
    document_id=8,
    error=None,
    attempts=3,
    flow_run_id=None,
    created_at=NOW,
    updated_at=NOW,
    document_edited_at="2026-11-01 06:00:05",
)
STANDING = Document(
    id=8, is_draft=True, amount=8200, amount_net=6833, edited_at="2026-11-01 06:00:05"
)


def month_of(
    lines: dict[str, tuple[LineItem, ...]], refused: dict[str, tuple[Issue, ...]] | None = None
) -> MonthOfServices:
    customers = {number: Customer(number) for number in ("K1", "K2", "K3")}
    return MonthOfServices(OCTOBER, customers, lines, refused or {})


def holding(*lines: LineItem, **changes: Any) -> Export:
    """An export whose draft holds these lines."""
    digest = digest_of(Invoice.of(OCTOBER, Customer("K1"), lines))
    return replace(DELIVERED, **{"content_sha256": digest, **changes})


def known(export: Export, *lines: LineItem, documents: tuple[Document, ...] = (STANDING,)) -> Known:
    claims = {billed_line(line): Claim(export, line_digest(line)) for line in lines}
    return Known([export], claims, Drafts(documents))


@dataclass(frozen=True)
class Drafts:
    """What easybill has under every export's external id."""

    documents: tuple[Document, ...] = ()

    def status_of(self, export: Export) -> DraftStatus:
        return status_of(export, self.documents)

    def ids_of(self, _: Export) -> list[str]:
        return [str(document.id) for document in self.documents]

    def bills(self, export: Export, invoice: Invoice) -> bool:
        return bills(export, invoice)


class OwnDrafts(Drafts):
    """Each export finds only its own document."""

    def status_of(self, export: Export) -> DraftStatus:
        return status_of(export, [d for d in self.documents if d.id == export.document_id])


NOTHING = Known([], {}, Drafts())
BAD_ROW = Issue(IssueCode.ROW_INVALID, "K1", "2026-10")
LATE = replace(LINE, service_id="S2", unit_price_net=Decimal(5))
DEARER = replace(LINE, unit_price_net=Decimal(70))
EDITED = STANDING.model_copy(update={"edited_at": "2026-11-02 10:00:00"})
FINAL = STANDING.model_copy(update={"is_draft": False})
TOUCHED = pytest.mark.parametrize("document", [EDITED, FINAL], ids=["edited", "finalised"])


def planned(plan: MonthPlan) -> list[tuple[str, int, list[tuple[str, str]]]]:
    return [
        (
            invoice.customer.customer_number,
            invoice.sequence,
            [line.key for line in invoice.lines],
        )
        for invoice in plan.invoices
    ]


def test_a_fresh_month_is_one_invoice_per_customer_with_services() -> None:
    plan = decide(month_of({"K1": (LINE, FEE), "K2": (LINE,)}), NOTHING)
    assert planned(plan) == [
        ("K1", 1, [("S1", "service"), ("S1", "cancellation_fee")]),
        ("K2", 1, [("S1", "service")]),
    ]
    assert (plan.delivered, plan.skipped, plan.refused) == ((), ("K3",), {})


def test_a_delivered_customer_is_not_billed_again() -> None:
    plan = decide(month_of({"K1": (LINE,)}), known(holding(LINE), LINE))
    assert (planned(plan), plan.delivered, plan.conflicts) == ([], ("K1",), ())


def test_what_came_later_goes_into_the_untouched_draft() -> None:
    plan = decide(month_of({"K1": (LINE, LATE)}), known(holding(LINE), LINE))
    assert planned(plan) == [("K1", 1, [("S1", "service"), ("S2", "service")])]


@TOUCHED
def test_what_came_later_goes_into_a_further_draft_alone(document: Document) -> None:
    plan = decide(month_of({"K1": (LINE, LATE)}), known(holding(LINE), LINE, documents=(document,)))
    assert planned(plan) == [("K1", 2, [("S2", "service")])]


def test_an_untouched_draft_follows_a_changed_service() -> None:
    plan = decide(month_of({"K1": (DEARER,)}), known(holding(LINE), LINE))
    assert planned(plan) == [("K1", 1, [("S1", "service")])]
    assert plan.invoices[0].totals.net_cents == 7000


def test_an_untouched_draft_follows_a_vanished_service() -> None:
    plan = decide(month_of({"K1": (LINE,)}), known(holding(LINE, FEE), LINE, FEE))
    assert planned(plan) == [("K1", 1, [("S1", "service")])]


@TOUCHED
def test_a_changed_or_vanished_service_of_a_touched_draft_is_a_conflict(
    document: Document,
) -> None:
    export = holding(LINE, LATE)
    plan = decide(month_of({"K1": (DEARER,)}), known(export, LINE, LATE, documents=(document,)))
    assert planned(plan) == []
    (conflict,) = plan.conflicts
    assert (conflict.code, conflict.document_id) == (IssueCode.DRAFT_DIFFERS, export.document_id)
    assert conflict.facts == {"changed": ["S1"], "vanished": ["S2"]}


@pytest.mark.parametrize(
    ("in_oms", "facts"),
    [
        ((DEARER, FEE), {"changed": ["S1"], "vanished": []}),
        ((LINE,), {"changed": [], "vanished": ["S1"]}),
    ],
    ids=["changed", "vanished"],
)
def test_one_difference_is_enough(in_oms: tuple[LineItem, ...], facts: dict[str, Any]) -> None:
    export = holding(LINE, FEE)
    plan = decide(month_of({"K1": in_oms}), known(export, LINE, FEE, documents=(FINAL,)))
    assert [conflict.facts for conflict in plan.conflicts] == [facts]


def test_a_draft_that_would_be_empty_is_left_to_a_person() -> None:
    plan = decide(month_of({}), known(holding(LINE), LINE))
    assert (planned(plan), plan.skipped) == ([], ("K2", "K3"))
    assert plan.conflicts[0].code is IssueCode.NOTHING_LEFT


def test_a_deleted_draft_is_reported_and_what_came_later_goes_into_a_further_one() -> None:
    plan = decide(month_of({"K1": (LINE, LATE)}), known(holding(LINE), LINE, documents=()))
    assert planned(plan) == [("K1", 2, [("S2", "service")])]
    (conflict,) = plan.conflicts
    assert (conflict.code, conflict.document_id) == (IssueCode.DRAFT_DELETED, 8)


def test_a_duplicated_draft_is_reported() -> None:
    twin = STANDING.model_copy(update={"id": 9})
    plan = decide(month_of({"K1": (LINE,)}), known(holding(LINE), LINE, documents=(STANDING, twin)))
    (conflict,) = plan.conflicts
    assert (conflict.code, conflict.facts) == (
        IssueCode.DOCUMENTS_DUPLICATED,
        {"ids": ["8", "9"]},
    )


def test_beside_a_duplicated_draft_nothing_is_billed() -> None:
    twins = (STANDING, STANDING.model_copy(update={"id": 9}))
    plan = decide(month_of({"K1": (LINE, LATE)}), known(holding(LINE), LINE, documents=twins))
    assert (planned(plan), plan.delivered) == ([], ())
    assert [conflict.code for conflict in plan.conflicts] == [IssueCode.DOCUMENTS_DUPLICATED]


def two_drafts(**changes: Any) -> Known:
    """A draft of LINE and a further one of FEE, as a database may list them."""
    first, second = holding(LINE), holding(FEE, id=2, sequence=2, document_id=9)
    claims = {
        billed_line(LINE): Claim(first, line_digest(LINE)),
        billed_line(FEE): Claim(second, line_digest(FEE)),
    }
    documents = [STANDING.model_copy(update={"id": id_, **changes}) for id_ in (8, 9)]
    return Known([second, first], claims, OwnDrafts(tuple(documents)))


def test_of_several_drafts_the_last_one_takes_what_came_later() -> None:
    plan = decide(month_of({"K1": (LINE, FEE, LATE)}), two_drafts())
    assert planned(plan) == [("K1", 2, [("S1", "cancellation_fee"), ("S2", "service")])]
    assert [invoice.sequence for invoice in plan.unchanged] == [1]


def test_a_further_draft_gets_the_sequence_after_the_last() -> None:
    plan = decide(month_of({"K1": (LINE, FEE, LATE)}), two_drafts(is_draft=False))
    assert planned(plan) == [("K1", 3, [("S2", "service")])]


def test_what_changed_and_vanished_is_named_in_order_for_each_draft_that_is_touched() -> None:
    more = [replace(LATE, service_id=f"S{n}") for n in range(3, 9)]
    export = holding(LINE, *more)
    dearer = [replace(line, unit_price_net=Decimal(70)) for line in more[3:]]
    plan = decide(month_of({"K1": (LINE, *dearer)}), known(export, LINE, *more, documents=(FINAL,)))
    (conflict,) = plan.conflicts
    assert conflict.facts == {"changed": ["S6", "S7", "S8"], "vanished": ["S3", "S4", "S5"]}
    assert plan.delivered == ()


def test_what_a_person_accepted_is_right_whatever_the_oms_says() -> None:
    export = holding(LINE)
    claims = {billed_line(LINE): Claim(export, ACCEPTED)}
    for lines in ((DEARER,), ()):
        plan = decide(month_of({"K1": lines}), Known([export], claims, Drafts((FINAL,))))
        assert (planned(plan), plan.conflicts) == ([], ())


def test_a_draft_that_cannot_be_read_is_a_conflict() -> None:
    class Unreadable(Drafts):
        def status_of(self, export: Export) -> DraftStatus:
            return DraftStatus.UNREADABLE

    export = holding(LINE)
    claims = {billed_line(LINE): Claim(export, line_digest(LINE))}
    plan = decide(month_of({"K1": (LINE,)}), Known([export], claims, Unreadable()))
    (conflict,) = plan.conflicts
    assert (conflict.code, bool(text_of(conflict))) == (IssueCode.EASYBILL_UNREADABLE, True)


def test_a_conflict_of_an_older_release_has_no_reason_and_is_named_all_the_same() -> None:
    plan = decide(month_of({"K1": (LINE,)}), known(holding(LINE, state="conflict"), LINE))
    (conflict,) = plan.conflicts
    assert (conflict.code, bool(text_of(conflict))) == (IssueCode.DRAFT_UNFINISHED, True)


def test_an_export_without_a_draft_counts_for_nothing_beside_one_with_a_draft() -> None:
    failed = holding(state="failed", document_id=None)
    assert decide(month_of({}), known(failed)).skipped == ("K1", "K2", "K3")
    beside = known(holding(LINE), LINE)
    plan = decide(month_of({}), replace(beside, exports=[*beside.exports, replace(failed, id=2)]))
    assert [conflict.code for conflict in plan.conflicts] == [IssueCode.NOTHING_LEFT]


def test_customers_are_planned_and_skipped_in_the_order_of_their_numbers() -> None:
    numbers = [f"K{n}" for n in range(1, 9)]
    customers = {number: Customer(number) for number in reversed(numbers)}
    lines = dict.fromkeys(reversed(numbers[:4]), (LINE,))
    plan = decide(MonthOfServices(OCTOBER, customers, lines, {}), NOTHING)
    assert [number for number, *_ in planned(plan)] == numbers[:4]
    assert plan.skipped == tuple(numbers[4:])


def test_what_a_failed_export_claimed_is_planned_again_with_what_the_oms_says_now() -> None:
    failed = holding(LINE, state="failed", document_id=None)
    plan = decide(month_of({"K1": (LINE, FEE)}), known(failed, LINE, documents=()))
    assert planned(plan) == [("K1", 1, [("S1", "service"), ("S1", "cancellation_fee")])]


def test_a_draft_that_has_its_file_not_yet_is_finished() -> None:
    for document in (STANDING, EDITED):
        unfinished = holding(LINE, state="drafted", attachment_id=None)
        plan = decide(month_of({"K1": (LINE,)}), known(unfinished, LINE, documents=(document,)))
        assert (planned(plan), plan.unchanged) == ([("K1", 1, [("S1", "service")])], ())


def test_an_update_that_was_not_finished_is_taken_up_again() -> None:
    to_update = holding(LINE, state="uploaded", update_planned=True)
    for document in (STANDING, EDITED):
        plan = decide(month_of({"K1": (DEARER,)}), known(to_update, LINE, documents=(document,)))
        assert (planned(plan), plan.conflicts) == ([("K1", 1, [("S1", "service")])], ())


def test_a_service_that_another_months_draft_holds_is_not_billed_again() -> None:
    september = Claim(replace(DELIVERED, month="2026-09"), line_digest(LINE))
    plan = decide(
        month_of({"K1": (LINE,)}), Known([], {BilledLine("S1", "service"): september}, Drafts())
    )
    assert (planned(plan), plan.delivered) == ([], ("K1",))


def test_a_refused_customer_is_neither_planned_nor_skipped() -> None:
    plan = decide(month_of({"K2": (LINE,)}, {"K1": (BAD_ROW,)}), NOTHING)
    assert planned(plan) == [("K2", 1, [("S1", "service")])]
    assert (plan.refused, plan.skipped) == ({"K1": (BAD_ROW,)}, ("K3",))


def test_a_refused_customers_draft_is_left_alone() -> None:
    plan = decide(month_of({}, {"K1": (BAD_ROW,)}), known(holding(LINE), LINE))
    assert (planned(plan), plan.conflicts) == ([], ())


def test_a_contradiction_is_that_customers_alone() -> None:
    loaded = month_of({"K1": (LINE,), "K2": (LINE,)})
    abroad = replace(loaded.customers["K1"], vat_option="IG")
    plan = decide(replace(loaded, customers={**loaded.customers, "K1": abroad}), NOTHING)
    assert planned(plan) == [("K2", 1, [("S1", "service")])]
    assert list(plan.refused) == ["K1"]


def test_a_conflict_stays_with_the_person_who_has_to_decide() -> None:
    disputed = holding(
        LINE, state="conflict", error="two", reason_code="draft_edited", reason_facts="{}"
    )
    plan = decide(month_of({"K1": (LINE,)}), known(disputed, LINE))
    assert planned(plan) == []
    (conflict,) = plan.conflicts
    assert (conflict.code, conflict.document_id) == (IssueCode.DRAFT_EDITED, 8)


def test_the_invoices_of_drafts_that_say_what_the_oms_says_are_unchanged() -> None:
    loaded = month_of({"K1": (LINE,)})
    plan = decide(loaded, known(holding(LINE), LINE))
    assert [invoice.lines for invoice in plan.unchanged] == [(LINE,)]
    touched = decide(loaded, known(holding(LINE), LINE, documents=(FINAL,)))
    assert [invoice.lines for invoice in touched.unchanged] == [(LINE,)]
    assert decide(month_of({"K1": (DEARER,)}), known(holding(LINE), LINE)).unchanged == ()
