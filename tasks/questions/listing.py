"""The answers on a draft and on calls, as columns."""

from collections.abc import Iterator, Sequence
from datetime import UTC

from tasks.billing.money import plain, price_text
from tasks.billing.wording.speech import Speech
from tasks.billing.words import one_line
from tasks.easybill.draft_status import external_id_of
from tasks.questions.calls import CallsAnswer
from tasks.questions.draft import DraftAnswer, Position
from tasks.questions.phrases import LinkTo, aligned, draft_words

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

OUTCOMES = ("success", "failure", "unknown")


def draft_text(answer: DraftAnswer, link_to: LinkTo, speech: Speech) -> Iterator[str]:
    """Tell where each position comes from."""
    export, say = answer.export, speech.say
    words = draft_words(export, link_to, speech)
    yield f"{words[0].upper()}{words[1:]}"
    customer = f"{export.customer_number} {answer.customer_name}".strip()
    facts = [
        (say("customer"), customer),
        (say("month"), _month_and_sequence(answer, speech)),
        (say("external id"), external_id_of(export)),
        (say("file"), f"{export.csv_path} ({say(FILE_WORDS[answer.file])})"),
        ("sha256", export.csv_sha256 or say("none")),
        (say("attachment"), str(export.attachment_id or say("none"))),
    ]
    noted = [] if export.error is None else [(say("note"), export.error)]
    yield from aligned([*facts, *noted], ())
    yield ""
    rows = [_position_row(*entry, speech) for entry in enumerate(answer.positions, start=1)]
    yield from aligned([_heads(POSITION_COLUMNS, speech), *rows], right=(0, 5, 6, 7, 8))
    for line in answer.unplaced:
        unplaced = say(
            "in no position: {service}, {kind}", service=line.service_id, kind=say(line.kind)
        )
        yield f"   {unplaced}"
    yield ""
    yield say("Sent for this customer and month, {whose}:", whose=_whose(answer.sent, speech))
    yield from _call_lines(answer.sent, speech)


def _month_and_sequence(answer: DraftAnswer, speech: Speech) -> str:
    month, sequence = speech.month(answer.export.month), answer.export.sequence
    return speech.say("{month}, sequence {sequence}", month=month, sequence=sequence)


def _heads(columns: Sequence[str], speech: Speech) -> list[str]:
    return [speech.say(column) for column in columns]


def _position_row(place: int, position: Position, speech: Speech) -> tuple[str, ...]:
    sent, line = position.sent, position.in_oms
    return (
        str(place),
        sent.line.service_id,
        speech.say(sent.line.kind),
        (line and line.order_number) or "-",
        speech.moment(line.item.rendered_at, ":ss") if line else "-",
        speech.decimal(plain(sent.quantity)),
        speech.decimal(price_text(sent.unit_price_net)),
        speech.decimal(plain(sent.vat_percent)),
        speech.amount(sent.net_cents),
        one_line(sent.title),
        speech.say(position.remark or ""),
    )


def calls_text(answer: CallsAnswer, speech: Speech) -> Iterator[str]:
    """Tell who sent what, and when."""
    found = [call.outcome for call in answer.calls]
    yield speech.say(
        "{month}: {calls} to easybill, {outcomes}, {whose}.",
        month=speech.month(answer.month),
        calls=speech.counted(len(found), "call"),
        outcomes=", ".join(f"{speech.number(found.count(o))} {speech.say(o)}" for o in OUTCOMES),
        whose=_whose(answer, speech),
    )
    yield ""
    yield from _call_lines(answer, speech)


def _whose(answer: CallsAnswer, speech: Speech) -> str:
    logins = ", ".join(map(str, answer.login_ids)) or speech.say("not known yet")
    return speech.say(
        "account {account}, easybill login {logins}", account=answer.account, logins=logins
    )


def _call_lines(answer: CallsAnswer, speech: Speech) -> Iterator[str]:
    names = answer.run_names
    rows = [
        (
            speech.moment(call.at, ":ss"),
            speech.moment(call.at, ":ss", UTC),
            call.customer_number or "-",
            call.method,
            call.path,
            str(call.status or "-"),
            speech.say(call.outcome),
            str(call.duration_ms),
            names.get(call.flow_run_id or "", call.flow_run_id or "-"),
            one_line(call.error or ""),
        )
        for call in answer.calls
    ]
    return aligned([_heads(CALL_COLUMNS, speech), *rows], right=(7,))
