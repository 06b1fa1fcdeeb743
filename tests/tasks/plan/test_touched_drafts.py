"""A draft that somebody edited or finalised, and whose services stand."""

from dataclasses import replace

from blocks.easybill.models import Document
from tasks.billing.invoice import Customer
from tasks.billing.issue import IssueCode
from tasks.plan.decide import decide
from tests.tasks.billing.test_invoice import LINE
from tests.tasks.plan.test_decide import TOUCHED, holding, known, month_of, planned


@TOUCHED
def test_a_touched_draft_whose_services_stand_is_no_conflict(document: Document) -> None:
    moved = {"K1": Customer("K1", email="new@address.example")}
    loaded = replace(month_of({"K1": (LINE,)}), customers=moved)
    plan = decide(loaded, known(holding(LINE), LINE, documents=(document,)))
    assert (planned(plan), plan.conflicts, plan.delivered) == ([], (), ("K1",))


@TOUCHED
def test_a_touched_draft_without_its_file_is_left_to_a_person_once_that_cannot_be_built(
    document: Document,
) -> None:
    moved = {"K1": Customer("K1", email="new@address.example")}
    loaded = replace(month_of({"K1": (LINE,)}), customers=moved)
    export = holding(LINE, state="drafted", attachment_id=None)
    plan = decide(loaded, known(export, LINE, documents=(document,)))
    (conflict,) = plan.conflicts
    assert (planned(plan), conflict.code) == ([], IssueCode.DRAFT_EDITED)
    plan = decide(month_of({"K1": (LINE,)}), known(export, LINE, documents=(document,)))
    assert (planned(plan), plan.conflicts) == ([("K1", 1, [("S1", "service")])], ())
