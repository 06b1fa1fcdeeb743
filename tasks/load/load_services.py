"""Load: a billing month's services from the OMS, as line items per customer."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import fields, replace
from typing import Any

import polars as pl

from blocks.oms.block import OmsDatabase
from blocks.oms.snapshot import BadRow, Snapshot
from tasks.billing.draft_terms import DraftTerms
from tasks.billing.invoice import Customer
from tasks.billing.issue import Issue, IssueCode
from tasks.billing.line_item import LineItem, Service, line_items
from tasks.billing.month import BillingMonth
from tasks.billing.wording import said_of
from tasks.billing.words import counted
from tasks.load.month_of_services import MonthOfServices
from tasks.load.position_texts import NO_TEMPLATES, PositionTexts
from tasks.run.connections import Connections
from tasks.run.log import run_log

NO_CUSTOMER_NUMBER = "(no customer number)"


def load_services(
    oms: OmsDatabase,
    month: BillingMonth,
    cancellation_fee_label: str,
    texts: PositionTexts = NO_TEMPLATES,
) -> MonthOfServices:
    """Read and validate the month in one consistent snapshot.

    A customer with a row that is not valid, or that is not in the customers' relation, is refused
    with every reason; a read that breaks off raises and bills nobody.
    """
    snapshot = oms.read_services(month.starts_at, month.ends_at)
    customers = {
        row["customer_number"]: Customer(**row) for row in _rows(snapshot.customers, Customer)
    }
    lines: dict[str, list[LineItem]] = defaultdict(list)
    served: set[str] = set()
    for row in _rows(snapshot.services, Service):
        service = Service(**row)
        served.add(service.customer_number)
        billed = line_items(service, cancellation_fee_label)
        lines[service.customer_number].extend(texts.put_on(billed, service))
    refused = _refused(snapshot, oms, str(month), served, customers.keys())
    return MonthOfServices(
        month=month,
        customers=customers,
        lines={
            number: tuple(entries)
            for number, entries in lines.items()
            if entries and number not in refused
        },
        refused=refused,
    )


def read_month_of(connections: Connections, month: BillingMonth) -> MonthOfServices:
    """The month as the account bills it: with its texts and the terms of its drafts."""
    account = connections.account
    label, texts = account.cancellation_fee_label, PositionTexts.of(account)
    loaded = load_services(connections.oms, month, label, texts)
    terms = DraftTerms(
        text_prefix=account.text_prefix,
        text=account.text,
        pdf_template=account.pdf_template,
        login_id=account.login_id,
        due_in_days=account.due_in_days,
        is_dated_at_month_end=account.document_date == "month-end",
    )
    return replace(loaded, terms=terms)


def _rows(frame: pl.DataFrame, noun: type[Customer] | type[Service]) -> Iterable[dict[str, Any]]:
    """The rows as the noun's fields; equal values of a column are one object, to save memory."""
    names = [field.name for field in fields(noun)]
    known: dict[str, dict[object, object]] = {name: {} for name in names}
    for row in frame.select(names).iter_rows(named=True):
        yield {name: known[name].setdefault(value, value) for name, value in row.items()}


def _refused(
    snapshot: Snapshot, oms: OmsDatabase, month: str, served: set[str], known: Collection[str]
) -> dict[str, tuple[Issue, ...]]:
    issues: dict[str, list[Issue]] = defaultdict(list)
    bad_services = [bad for bad in snapshot.bad_rows if bad.relation == oms.services_relation]
    concerned = served | {bad.customer_number for bad in bad_services}
    for bad in snapshot.bad_rows:
        if bad.relation == oms.services_relation or bad.customer_number in concerned:
            number = bad.customer_number or NO_CUSTOMER_NUMBER
            issues[number].append(row_issue(bad, month))
    for number in concerned - set(known):
        if number and not issues[number]:
            facts = {"relation": oms.customers_relation}
            issues[number].append(Issue(IssueCode.CUSTOMER_NOT_LISTED, number, month, facts=facts))
    return {number: tuple(why) for number, why in issues.items()}


def row_issue(bad: BadRow, month: str | None = None) -> Issue:
    """The issue of a row of the OMS that is not valid."""
    number = bad.customer_number or NO_CUSTOMER_NUMBER
    facts = {
        "relation": bad.relation,
        "row": bad.row_key,
        "column": bad.column,
        "value": bad.value,
        "expected": bad.expected,
    }
    return Issue(IssueCode.ROW_INVALID, number, month, facts=facts)


def load_month(
    connections: Connections, month: BillingMonth, customers: Collection[str] | None
) -> MonthOfServices:
    """Load the whole month; the log names who is refused, of these customers or of all."""
    loaded = read_month_of(connections, month)
    run_log().info(
        "%s: %s with services, %s, %d refused",
        month,
        counted(len(loaded.lines), "customer"),
        counted(sum(map(len, loaded.lines.values())), "line"),
        len(loaded.refused),
    )
    for number, issues in sorted(loaded.refused.items()):
        if customers is None or number in customers:
            run_log().error("customer %s: %s", number, said_of(issues))
    return loaded
