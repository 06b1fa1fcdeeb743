"""The answers on a month, a customer and a service: a first line that answers, then the reasons."""

from collections.abc import Iterator, Mapping, Sequence

from tasks.billing.money import amount_text
from tasks.billing.words import counted
from tasks.questions.customer import CustomerAnswer
from tasks.questions.month import MonthAnswer, Sum
from tasks.questions.phrases import (
    LinkTo,
    aligned,
    berlin,
    draft_words,
    issue_lines,
)
from tasks.questions.service import BilledAs, ServiceAnswer


def month_text(answer: MonthAnswer, changes: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Say whether the month is complete, and what the last report says has changed."""
    known = answer.known
    yield _month_verdict(answer)
    if known.lease is not None:
        seen = berlin(known.lease.renewed_at)
        yield f"A run works on it now: {known.lease.holder}, last seen {seen}."
    yield ""
    yield from aligned(list(_sums(answer)), right=(1, 2))
    for customer in answer.not_done:
        # A month that was not run yet is everybody's reason, and said above.
        if customer.open_lines and not (known.is_over and known.was_run):
            continue
        yield ""
        yield f"{_named(customer)}{_open_lines(customer)}"
        yield from issue_lines(customer.issues)
    if changes:
        yield ""
        yield "What changed, as the last report says:"
        rows = [(c["customer_number"], c["kind"], c["words"]) for c in changes]
        yield from aligned(rows, right=())


def _month_verdict(answer: MonthAnswer) -> str:
    known, month = answer.known, answer.known.loaded.month
    if answer.is_complete:
        return f"Yes: {month} is complete, every service is in a draft."
    if not known.is_over:
        return f"No: {month} is not over yet, run it after {month.last_day}."
    if not known.was_run:
        return f"No: {month} was never run for account {known.account}."
    if not answer.not_done:
        cents = amount_text(answer.differs_by_cents)
        return f"No: {month} is not complete, the OMS comes to {cents} more than the drafts."
    return (
        f"No: {month} is not complete, {len(answer.not_done)} of {answer.customer_count}"
        " customers are not invoiced, or not wholly."
    )


def _sums(answer: MonthAnswer) -> Iterator[tuple[str, str, str, str]]:
    yield "", "lines", "net", ""
    yield _sum_row("In the OMS", answer.in_oms)
    yield _sum_row("In drafts", answer.in_drafts, counted(len(answer.drafts), "draft"))
    if answer.in_other_months.line_count:
        yield _sum_row("In drafts of other months", answer.in_other_months)
    yield _sum_row("In no draft", answer.not_invoiced)
    if answer.late.line_count:
        yield _sum_row("  of these late", answer.late, "came after their customer was done")
    unread = len([c for c in answer.not_done if not c.is_readable])
    if unread:
        yield (
            "Not to be read",
            "?",
            "?",
            f"{counted(unread, 'customer')} with rows that are not valid",
        )


def _sum_row(name: str, found: Sum, remark: str = "") -> tuple[str, str, str, str]:
    return name, f"{found.line_count:,}", amount_text(found.net_cents), remark


def customer_text(answer: CustomerAnswer, link_to: LinkTo) -> Iterator[str]:
    """Say why the customer is missing, if it is."""
    name, month = _named(answer), answer.month
    if not answer.is_done:
        wholly = " wholly" if answer.drafts else ""
        yield f"{name} is not{wholly} invoiced for {month}{_open_lines(answer)}."
    elif answer.drafts:
        yield f"{name} is invoiced for {month}."
    else:
        yield f"{name} has no services in {month}: there is nothing to invoice."
    yield from issue_lines(answer.issues)
    for draft in answer.drafts:
        yield f"    {draft_words(draft, link_to)}"


def _named(customer: CustomerAnswer) -> str:
    return f"{customer.customer_number} {customer.name}".strip()


def _open_lines(customer: CustomerAnswer) -> str:
    if not customer.open_lines:
        return ""
    net_cents = sum(line.net_cents for line in customer.open_lines)
    lines = counted(len(customer.open_lines), "late line" if customer.are_late else "line")
    return f": {lines} in no draft, net {amount_text(net_cents)}"


def service_text(answer: ServiceAnswer, link_to: LinkTo) -> Iterator[str]:
    """Say into which draft the service went."""
    yield _service_verdict(answer)
    for billed in answer.billed:
        yield f"    {billed.kind}: {_place(billed)}{draft_words(billed.export, link_to)}"
        if not billed.is_in_oms:
            yield "        The OMS does not bill it any more, or not in a valid row."
    for kind in answer.open_kinds:
        yield f"    {kind}: in no draft"
    yield from issue_lines(answer.issues)


def _service_verdict(answer: ServiceAnswer) -> str:
    who = f"Service {answer.service_id}"
    if answer.service is not None:
        service = answer.service
        rendered = f"{service.status} {berlin(service.rendered_at)}"
        who += f" of customer {service.customer_number}, {rendered},"
    ids = sorted({str(billed.export.document_id) for billed in answer.billed})
    if ids:
        return f"{who} is in draft {' and '.join(ids)}."
    if answer.is_settled:
        return f"{who} is in no draft: cancelled without a fee, so nothing is billed."
    return f"{who} is in no draft."


def _place(billed: BilledAs) -> str:
    export = billed.export
    whose = f"{export.month}, customer {export.customer_number}"
    return f"position {billed.place}, {whose}, " if billed.place else f"{whose}, "
