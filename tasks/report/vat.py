"""VAT: what the month's drafts come to by rate, as the advance return of VAT asks for it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from tasks.billing.invoice import Customer
from tasks.billing.money import plain, totals_by_rate
from tasks.billing.wording.speech import Speech
from tasks.report.place_lines import PlacedLines

# easybill's VAT options (API description) in words.
VAT_OPTIONS: Mapping[str, str] = {
    "nStb": "not taxable, third country",
    "nStbUstID": "not taxable, EU with VAT id",
    "nStbNoneUstID": "not taxable, EU without VAT id",
    "nStbIm": "not taxable, internal",
    "revc": "reverse charge, § 13b UStG",
    "IG": "intra-community supply",
    "AL": "export",
    "sStfr": "exempt for another reason",
    "smallBusiness": "small business, no VAT",
}
_COUNT_NO_MORE = frozenset({"deleted", "cancelled"})


@dataclass(frozen=True, slots=True)
class VatRow:
    """The drafts' net and VAT at one rate in cents; `vat_option` is the customers', None: normal.

    VAT is that of each draft, rounded once per rate, so it adds up to the drafts' own.
    """

    vat_percent: str
    vat_option: str | None
    net_cents: int
    vat_cents: int

    def rate_in(self, speech: Speech) -> str:
        """The rate, and why no VAT is due: 19 %, or 0 % (export)."""
        rate = f"{speech.decimal(self.vat_percent)}\xa0%"
        if self.vat_option is None:
            return rate
        return f"{rate} ({speech.say(VAT_OPTIONS[self.vat_option])})"


def vat_rows(placed: PlacedLines, customers: Mapping[str, Customer]) -> tuple[VatRow, ...]:
    """The lines that the OMS has in drafts, by rate and VAT option, the highest rate first."""
    sums: dict[tuple[Decimal, str], list[int]] = defaultdict(lambda: [0, 0])
    for draft in placed.drafts:
        if draft.state in _COUNT_NO_MORE:
            continue
        option = customers[draft.key[0]].vat_option if draft.key[0] in customers else None
        lines = placed.lines.get(draft.key, ())
        by_rate = totals_by_rate((line.vat_percent, line.net_cents) for line in lines)
        for rate, totals in by_rate.items():
            found = sums[rate, option or ""]
            found[0] += totals.net_cents
            found[1] += totals.vat_cents
    return tuple(
        VatRow(plain(rate), option or None, net_cents, vat_cents)
        for (rate, option), (net_cents, vat_cents) in sorted(
            sums.items(), key=lambda entry: (-entry[0][0], entry[0][1])
        )
    )
