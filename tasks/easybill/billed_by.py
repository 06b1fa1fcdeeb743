"""Which lines of the OMS a document bills that the ledger knows nothing of, or not all of.

Positions decide, by number, quantity, price and VAT; among alike ones their texts. Where they do
not, the CSV that is attached to the document does: its `sku` names the services. What stays open
then is for a person to decide.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from blocks.easybill.models import Position
from blocks.ledger.records import BilledLine
from tasks.billing.digest import line_digest
from tasks.billing.line_item import LineItem
from tasks.easybill.held_content import Item, item_at, item_of, normalised, text_at
from tasks.load.billed_line import billed_line


@dataclass(frozen=True, slots=True)
class CsvLine:
    """A row of an attached CSV: the line that it names, and what it bills."""

    line: BilledLine
    item: Item
    text: str


@dataclass(frozen=True, slots=True)
class Billed:
    """The lines that a document bills, with their digests, and positions that nothing explains.

    A digest is None where the OMS says something else by now. `csv_lines` are those of the attached
    CSV; None where it did not need to be read, or there is none.
    """

    lines: Mapping[BilledLine, str | None]
    unexplained: Sequence[Position] = ()
    csv_lines: Sequence[CsvLine] | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """The lines that the ledger has for a document; `as_billed` those the OMS has just so."""

    lines: Set[BilledLine]
    as_billed: Sequence[LineItem]


def billed_by(
    positions: Sequence[Position],
    candidates: Sequence[LineItem],
    read_csv: Callable[[], Sequence[CsvLine] | None],
) -> Billed:
    """Which of the candidates, in their order, the positions bill; reads the CSV where it must."""
    search = _Search(list(candidates))
    open_ = search.claim_alike(positions)
    if not open_:
        return Billed(search.lines)
    csv_lines = read_csv()
    if csv_lines is None:
        return Billed(search.lines, search.claim_in_order(open_))
    search = _Search(list(candidates))
    search.claim_named(csv_lines)
    left = without(positions, (row.item for row in csv_lines))
    rest = search.claim_in_order(search.claim_alike(left))
    # What no candidate could be is the accountant's own: all that we sent is in the CSV. Unless an
    # update came to the document, and its file did not.
    has_more = len(positions) > len(csv_lines)
    is_open = search.may_have_been if has_more else search.may_be
    return Billed(search.lines, list(filter(is_open, rest)), csv_lines)


def billed_further_by(
    positions: Sequence[Position],
    held: Known,
    candidates: Sequence[LineItem],
    read_csv: Callable[[], Sequence[CsvLine] | None],
    *,
    has_another_file: bool,
) -> Billed:
    """The same for a document that the ledger knows, beside the lines that it holds already.

    `has_another_file`: it has a file that the ledger does not know, so a later run sent it. Then
    the CSV names all lines of the document, also those that are another month's by now.
    """
    rest = without(positions, map(item_of, held.as_billed))
    search = _Search(list(candidates))
    has_more = len(positions) > len(held.lines)
    is_open = search.may_have_been if has_more else search.may_be
    if not has_another_file and not any(map(is_open, rest)):
        return Billed({})
    csv_lines = read_csv()
    named = [
        row
        for row in csv_lines or ()
        if row.line not in held.lines and (has_another_file or search.knows(row.line))
    ]
    search.claim_named(named)
    room = len(positions) - len(held.lines) - len(named)
    left = without(rest, (row.item for row in named))
    open_ = search.claim_in_order(left, at_most=max(room, 0))
    # Where the CSV names as many lines as there are positions, somebody has changed one of them;
    # but one that says just what a line does may be there instead of it.
    if room <= 0:
        is_open = search.may_be if csv_lines is None else search.says_just_that
    return Billed(search.lines, list(filter(is_open, open_)), csv_lines)


@dataclass(slots=True)
class _Search:
    """The lines found so far, and those that may still be found."""

    left: list[LineItem]
    lines: dict[BilledLine, str | None] = field(default_factory=dict)

    def claim_alike(self, positions: Iterable[Position]) -> list[Position]:
        """Claim where positions and lines that bill the same are the same, texts too."""
        wanted: dict[Item, list[LineItem]] = defaultdict(list)
        for line in self.left:
            wanted[item_of(line)].append(line)
        found: dict[Item, list[Position]] = defaultdict(list)
        for position in positions:
            found[item_at(position)].append(position)
        open_: list[Position] = []
        for item, alike in found.items():
            texts, lines = Counter(map(text_at, alike)), wanted[item]
            # A document may be older than the account's template.
            if texts in (Counter(map(_text_of, lines)), Counter(map(_title_of, lines))):
                self._claim(lines)
            else:
                open_ += alike
        return open_

    def claim_in_order(
        self, positions: Iterable[Position], at_most: int | None = None
    ) -> list[Position]:
        """Claim the first line left that is just like the position; what has none is left open."""
        open_: list[Position] = []
        claimed = 0
        for position in positions:
            line = next((line for line in self.left if _is_like(line, position)), None)
            if line is None or claimed == at_most:
                open_.append(position)
            else:
                self._claim([line])
                claimed += 1
        return open_

    def knows(self, line: BilledLine) -> bool:
        """Whether the line is one of those that are left."""
        return any(billed_line(known) == line for known in self.left)

    def claim_named(self, csv_lines: Iterable[CsvLine]) -> None:
        """Claim what the CSV names, also what the OMS knows no more."""
        known = {billed_line(line): line for line in self.left}
        for row in csv_lines:
            line = known.get(row.line)
            # The CSV has the title, whatever template the draft has.
            if line is not None and (item_of(line), _title_of(line)) == (row.item, row.text):
                self._claim([line])
            else:
                self.lines[row.line] = None
        self.left = [line for line in self.left if billed_line(line) not in self.lines]

    def may_be(self, position: Position) -> bool:
        """Whether a line that is left bills what the position does."""
        return any(item_of(line) == item_at(position) for line in self.left)

    def may_have_been(self, position: Position) -> bool:
        """Whether a line that is left bills the position's number, at whatever price by now."""
        return any(item_of(line).number == item_at(position).number for line in self.left)

    def says_just_that(self, position: Position) -> bool:
        """Whether a line that is left is just like the position, text too."""
        return any(_is_like(line, position) for line in self.left)

    def _claim(self, lines: Collection[LineItem]) -> None:
        self.lines |= {billed_line(line): line_digest(line) for line in lines}
        self.left = [line for line in self.left if billed_line(line) not in self.lines]


def without(positions: Iterable[Position], items: Iterable[Item]) -> list[Position]:
    """The positions without one for each of the items."""
    known = Counter(items)
    rest: list[Position] = []
    for position in positions:
        if known[item_at(position)]:
            known[item_at(position)] -= 1
        else:
            rest.append(position)
    return rest


def _text_of(line: LineItem) -> str:
    return normalised(line.position_text)


def _title_of(line: LineItem) -> str:
    return normalised(line.title)


def _is_like(line: LineItem, position: Position) -> bool:
    """Whether the two bill the same, with the text of today's template or of none."""
    texts = (_text_of(line), _title_of(line))
    return item_of(line) == item_at(position) and text_at(position) in texts
