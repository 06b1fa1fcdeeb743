"""The answers on a month, a customer and a service: a first line that answers, then the reasons."""

from collections.abc import Iterator, Sequence

from blocks.ledger.states import DraftState
from tasks.billing.wording.speech import Speech
from tasks.questions.customer import CustomerAnswer
from tasks.questions.month import MonthAnswer, Sum
from tasks.questions.phrases import LinkTo, aligned, draft_words, issue_lines
from tasks.questions.service import BilledAs, ServiceAnswer
from tasks.report.on_file import Change


def month_text(answer: MonthAnswer, changes: Sequence[Change], speech: Speech) -> Iterator[str]:
    """Say whether the month is complete, and what the last report says has changed."""
    known, say = answer.known, speech.say
    yield _month_verdict(answer, speech)
    if known.lease is not None:
        yield say(
            "A run works on it now: {holder}, last seen {moment}.",
            holder=known.lease.holder,
            moment=speech.moment(known.lease.renewed_at, ":ss"),
        )
    yield ""
    yield from aligned(list(_sums(answer, speech)), right=(1, 2))
    if became := list(_became(answer, speech)):
        yield ""
        yield say("What became of the drafts, as the last look found:")
        yield from aligned(became, right=(1, 2))
    for customer in answer.not_done:
        # A month that was not run yet is everybody's reason, and said above.
        if customer.open_lines and not (known.is_over and known.was_run):
            continue
        yield ""
        yield f"{_named(customer)}{_open_lines(customer, speech)}"
        yield from issue_lines(customer.issues, speech)
    if changes:
        yield ""
        yield say("What changed, as the last report says:")
        rows = [(c["customer_number"], say(c["kind"]), c["words"]) for c in changes]
        yield from aligned(rows, right=())


def _month_verdict(answer: MonthAnswer, speech: Speech) -> str:
    known, say = answer.known, speech.say
    month = speech.month(f"{known.loaded.month}")
    if answer.is_complete:
        return say("Yes: {month} is complete, every service is in a draft.", month=month)
    if not known.is_over:
        day = speech.day(known.loaded.month.last_day)
        return say("No: {month} is not over yet, run it after {day}.", month=month, day=day)
    if not known.was_run and known.is_never_billed:
        return say(
            "No: {month} is before {first}, the first month that is billed (INVOICING_FROM).",
            month=month,
            first=speech.month(f"{known.invoicing_from}"),
        )
    if not known.was_run:
        account = known.account
        return say("No: {month} was never run for account {account}.", month=month, account=account)
    if not answer.not_done:
        return say(
            "No: {month} is not complete, the OMS comes to {amount} more than the drafts.",
            month=month,
            amount=speech.amount(answer.differs_by_cents),
        )
    return say(
        "No: {month} is not complete, {count} of {all} customers are not invoiced, or not wholly.",
        month=month,
        count=speech.decimal(str(len(answer.not_done))),
        all=speech.decimal(str(answer.customer_count)),
    )


def _became(answer: MonthAnswer, speech: Speech) -> Iterator[tuple[str, str, str, str]]:
    for state in DraftState:
        theirs = [draft for draft in answer.drafts if draft.draft_state == state]
        remark = ""
        if state is DraftState.FINALISED and theirs:
            paid = speech.number(sum(draft.paid_at is not None for draft in theirs))
            remark = speech.say("{count} of them paid", count=paid)
        if state is DraftState.CANCELLED:
            numbers = ", ".join(draft.customer_number for draft in theirs)
            remark = speech.say("not billed again: {customers}", customers=numbers)
        if theirs:
            net = speech.amount(sum(draft.net_cents for draft in theirs))
            yield speech.say(state), speech.number(len(theirs)), net, remark


def _sums(answer: MonthAnswer, speech: Speech) -> Iterator[tuple[str, str, str, str]]:
    say = speech.say

    def row(name: str, found: Sum, remark: str = "") -> tuple[str, str, str, str]:
        return name, speech.number(found.line_count), speech.amount(found.net_cents), remark

    yield "", say("lines"), say("net"), ""
    yield row(say("In the OMS"), answer.in_oms)
    yield row(say("In drafts"), answer.in_drafts, speech.counted(len(answer.drafts), "draft"))
    if answer.in_other_months.line_count:
        yield row(say("In drafts of other months"), answer.in_other_months)
    yield row(say("In no draft"), answer.not_invoiced)
    if answer.late.line_count:
        late = say("came after their customer was done")
        yield row(f"  {say('of these late')}", answer.late, late)
    unread = len([c for c in answer.not_done if not c.is_readable])
    if unread:
        customers = speech.counted(unread, "customer")
        remark = say("{customers} with rows that are not valid", customers=customers)
        yield say("Not to be read"), "?", "?", remark


def customer_text(answer: CustomerAnswer, link_to: LinkTo, speech: Speech) -> Iterator[str]:
    """Say why the customer is missing, if it is."""
    name, month, say = _named(answer), speech.month(answer.month), speech.say
    if not answer.is_done:
        left = _open_lines(answer, speech)
        if answer.drafts:
            yield say(
                "{name} is not wholly invoiced for {month}{left}.",
                name=name,
                month=month,
                left=left,
            )
        else:
            yield say(
                "{name} is not invoiced for {month}{left}.", name=name, month=month, left=left
            )
    elif answer.drafts:
        yield say("{name} is invoiced for {month}.", name=name, month=month)
    else:
        yield say(
            "{name} has no services in {month}: there is nothing to invoice.",
            name=name,
            month=month,
        )
    yield from issue_lines(answer.issues, speech)
    for draft in answer.drafts:
        yield f"    {draft_words(draft, link_to, speech)}"


def _named(customer: CustomerAnswer) -> str:
    return f"{customer.customer_number} {customer.name}".strip()


def _open_lines(customer: CustomerAnswer, speech: Speech) -> str:
    if not customer.open_lines:
        return ""
    net_cents = sum(line.net_cents for line in customer.open_lines)
    lines = speech.counted(len(customer.open_lines), "late line" if customer.are_late else "line")
    net = speech.amount(net_cents)
    return f": {speech.say('{lines} in no draft, net {net}', lines=lines, net=net)}"


def service_text(answer: ServiceAnswer, link_to: LinkTo, speech: Speech) -> Iterator[str]:
    """Say into which draft the service went."""
    say = speech.say
    yield _service_verdict(answer, speech)
    for billed in answer.billed:
        place, draft = _place(billed, speech), draft_words(billed.export, link_to, speech)
        yield f"    {say(billed.kind)}: {place}, {draft}"
        if not billed.is_in_oms:
            yield f"        {say('The OMS does not bill it any more, or not in a valid row.')}"
    for kind in answer.open_kinds:
        yield f"    {say('{kind}: in no draft', kind=say(kind))}"
    yield from issue_lines(answer.issues, speech)


def _service_verdict(answer: ServiceAnswer, speech: Speech) -> str:
    say, service = speech.say, answer.service
    who = say("Service {id}", id=answer.service_id)
    if service is not None:
        who += say(
            " of customer {customer}, {status} {moment},",
            customer=service.customer_number,
            status=say(service.status),
            moment=speech.moment(service.rendered_at, ":ss"),
        )
    ids = sorted({str(billed.export.document_id) for billed in answer.billed})
    if ids:
        return say("{who} is in draft {ids}.", who=who, ids=f" {say('and')} ".join(ids))
    if answer.is_settled:
        return say("{who} is in no draft: cancelled without a fee, so nothing is billed.", who=who)
    return say("{who} is in no draft.", who=who)


def _place(billed: BilledAs, speech: Speech) -> str:
    export = billed.export
    month, number = speech.month(export.month), export.customer_number
    whose = speech.say("{month}, customer {number}", month=month, number=number)
    if not billed.place:
        return whose
    return f"{speech.say('position {place}', place=billed.place)}, {whose}"
