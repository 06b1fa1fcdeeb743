"""The answers on a draft and on calls, as columns."""

from collections.abc import Iterator

from tasks.billing.money import amount_text, plain, price_text
from tasks.billing.words import counted, one_line
from tasks.easybill.draft_status import external_id_of
from tasks.questions.calls import CallsAnswer
from tasks.questions.draft import DraftAnswer, Position
from tasks.questions.phrases import LinkTo, aligned, berlin, draft_words, utc

FILE_WORDS = {
    "intact": "as it was sent",
    "missing": "IS NOT THERE: positions as the OMS has them today",
    "changed": "IS NOT AS IT WAS SENT: positions as the OMS has them today",
}
POSITION_COLUMNS = (
    *("#", "service", "kind", "order", "rendered (Berlin)", "quantity", "unit net", "VAT %"),
    *("net", "title", ""),
)
CALL_COLUMNS = (
    *("Berlin", "UTC", "customer", "call", "", "status", "outcome", "ms", "run", "error"),
)


def draft_text(answer: DraftAnswer, link_to: LinkTo) -> Iterator[str]:
    """Tell where each position comes from."""
    export = answer.export
    yield draft_words(export, link_to).capitalize()
    customer = f"{export.customer_number} {answer.customer_name}".strip()
    facts = [
        ("customer", customer),
        ("month", f"{export.month}, sequence {export.sequence}"),
        ("external id", external_id_of(export)),
        ("file", f"{export.csv_path} ({FILE_WORDS[answer.file]})"),
        ("sha256", export.csv_sha256 or "none"),
        ("attachment", str(export.attachment_id or "none")),
    ]
    yield from aligned(facts if export.error is None else [*facts, ("note", export.error)], ())
    yield ""
    rows = [_position_row(*entry) for entry in enumerate(answer.positions, start=1)]
    yield from aligned([POSITION_COLUMNS, *rows], right=(0, 5, 6, 7, 8))
    for line in answer.unplaced:
        yield f"   in no position: {line.service_id}, {line.kind}"
    yield ""
    yield f"Sent for this customer and month, {_whose(answer.sent)}:"
    yield from _call_lines(answer.sent)


def _position_row(place: int, position: Position) -> tuple[str, ...]:
    sent, line = position.sent, position.in_oms
    return (
        str(place),
        sent.line.service_id,
        sent.line.kind,
        (line and line.order_number) or "-",
        berlin(line.item.rendered_at) if line else "-",
        plain(sent.quantity),
        price_text(sent.unit_price_net),
        plain(sent.vat_percent),
        amount_text(sent.net_cents),
        one_line(sent.title),
        position.remark or "",
    )


def calls_text(answer: CallsAnswer) -> Iterator[str]:
    """Tell who sent what, and when."""
    found = [call.outcome for call in answer.calls]
    outcomes = ", ".join(f"{found.count(o):,} {o}" for o in ("success", "failure", "unknown"))
    calls = counted(len(found), "call")
    yield f"{answer.month}: {calls} to easybill, {outcomes}, {_whose(answer)}."
    yield ""
    yield from _call_lines(answer)


def _whose(answer: CallsAnswer) -> str:
    logins = ", ".join(map(str, answer.login_ids)) or "not known yet"
    return f"account {answer.account}, easybill login {logins}"


def _call_lines(answer: CallsAnswer) -> Iterator[str]:
    names = answer.run_names
    rows = [
        (
            berlin(call.at),
            utc(call.at),
            call.customer_number or "-",
            call.method,
            call.path,
            str(call.status or "-"),
            call.outcome,
            str(call.duration_ms),
            names.get(call.flow_run_id or "", call.flow_run_id or "-"),
            one_line(call.error or ""),
        )
        for call in answer.calls
    ]
    return aligned([CALL_COLUMNS, *rows], right=(7,))
