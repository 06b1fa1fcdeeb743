"""Unlike lines: what the OMS bills and a person billed otherwise, as far as positions tell."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from blocks.easybill.models import Document, Position
from tasks.billing.line_item import LineItem
from tasks.billing.money import line_net_cents, plain, price_text
from tasks.billing.wording.speech import Speech
from tasks.easybill.held_content import normalised, priced


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """A line of either side; decimals as text, the price in currency units.

    `source` is the OMS's service, or the id of easybill's document.
    """

    source: str
    number: str
    title: str
    quantity: str
    unit_price_net: str
    vat_percent: str
    net_cents: int

    def said_in(self, speech: Speech) -> str:
        """The line in that language."""
        return speech.say(
            "{title}: {quantity} x {price}, VAT {vat} %",
            title=" ".join(filter(None, (self.number, self.title))),
            quantity=speech.decimal(self.quantity),
            price=speech.decimal(self.unit_price_net),
            vat=speech.decimal(self.vat_percent),
        )


@dataclass(frozen=True, slots=True)
class UnlikeLine:
    """A line as the OMS and as easybill has it; None on the side that does not have it."""

    ours: ComparedLine | None
    theirs: ComparedLine | None

    def __str__(self) -> str:
        return self.said_in(Speech())

    def said_in(self, speech: Speech) -> str:
        """What is unlike, in that language."""
        ours, theirs = (line and line.said_in(speech) for line in (self.ours, self.theirs))
        service, document = (line and line.source for line in (self.ours, self.theirs))
        if self.theirs is None:
            return speech.say("not in easybill: {line} ({service})", line=ours, service=service)
        if self.ours is None:
            return speech.say(
                "not in the OMS: {line} (document {document})", line=theirs, document=document
            )
        return speech.say(
            "OMS {ours} ({service}); easybill {theirs}", ours=ours, service=service, theirs=theirs
        )


_Key = Callable[[ComparedLine], Hashable]
# People use other texts and numbers: what comes to the same money is alike. The closest first.
_ALIKE: Sequence[_Key] = (
    lambda line: (line.number, line.title, line.quantity, line.unit_price_net, line.vat_percent),
    lambda line: (line.number, line.quantity, line.unit_price_net, line.vat_percent),
    lambda line: (line.title, line.quantity, line.unit_price_net, line.vat_percent),
    lambda line: (line.quantity, line.unit_price_net, line.vat_percent),
    lambda line: (line.net_cents, line.vat_percent),
)
# The same thing, billed otherwise.
_SAME_THING: Sequence[_Key] = (
    lambda line: (line.number, line.title, line.quantity),
    lambda line: (line.number, line.title),
    lambda line: line.title,
    lambda line: line.number or None,
)


def unlike_lines(lines: Iterable[LineItem], documents: Iterable[Document]) -> list[UnlikeLine]:
    """Where the lines of the OMS and the positions of the documents are not alike."""
    ours = [_of_line(line) for line in lines]
    theirs = [_of_position(d, position) for d in documents for position in priced(d)]
    for key in _ALIKE:
        _, ours, theirs = _paired(ours, theirs, key)
    unlike: list[UnlikeLine] = []
    for key in _SAME_THING:
        pairs, ours, theirs = _paired(ours, theirs, key)
        unlike += pairs
    unlike += [UnlikeLine(line, None) for line in ours]
    return unlike + [UnlikeLine(None, line) for line in theirs]


def _paired(
    ours: Sequence[ComparedLine], theirs: Sequence[ComparedLine], key: _Key
) -> tuple[list[UnlikeLine], list[ComparedLine], list[ComparedLine]]:
    """Pairs with equal keys, and what is left of both sides; a key of None has no equal."""
    by_key: dict[Hashable, list[ComparedLine]] = defaultdict(list)
    for line in theirs:
        by_key[key(line)].append(line)
    pairs: list[UnlikeLine] = []
    left: list[ComparedLine] = []
    for line in ours:
        found = by_key[key(line)] if key(line) is not None else []
        if found:
            pairs.append(UnlikeLine(line, found.pop(0)))
        else:
            left.append(line)
    still = {id(line) for rest in by_key.values() for line in rest}
    return pairs, left, [line for line in theirs if id(line) in still]


def _of_line(line: LineItem) -> ComparedLine:
    return _compared(
        line.service_id,
        (line.service_code, line.position_text),
        (line.quantity, line.unit_price_net, line.vat_percent),
    )


def _of_position(document: Document, position: Position) -> ComparedLine:
    price = position.single_price_net or Decimal(0)
    return _compared(
        str(document.id),
        (position.number, position.description),
        (
            Decimal(0) if position.quantity is None else position.quantity,
            price.scaleb(-2),
            position.vat_percent or Decimal(0),
        ),
    )


def _compared(
    source: str, texts: tuple[str | None, str | None], amounts: tuple[Decimal, Decimal, Decimal]
) -> ComparedLine:
    (number, title), (quantity, price, vat_percent) = texts, amounts
    return ComparedLine(
        source=source,
        number=number or "",
        title=normalised(title or ""),
        quantity=plain(quantity),
        unit_price_net=price_text(price),
        vat_percent=plain(vat_percent),
        net_cents=line_net_cents(quantity, price),
    )
