"""Money: exact decimals in, integer cents out, rounded in one function."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Clamped, Context, Decimal, Inexact, InvalidOperation, Overflow

# Anything that would not come out exactly is an error, never a silent loss of digits.
EXACT = Context(prec=80, traps=[Clamped, Inexact, InvalidOperation, Overflow])
# Far finer than a cent, and short enough for an exact product with any quantity.
NEAREST = Context(prec=40, rounding=ROUND_HALF_UP, traps=[Clamped, InvalidOperation, Overflow])


def round_half_up(cents: Decimal) -> int:
    """Whole cents, a half away from zero. Nothing else in this project rounds money."""
    return int(cents.to_integral_value(rounding=ROUND_HALF_UP))


def line_net_cents(quantity: Decimal, unit_price_net: Decimal) -> int:
    """Net of a line in cents, from a quantity and a price in currency units."""
    return round_half_up(EXACT.multiply(quantity, unit_price_net).scaleb(2, EXACT))


def vat_cents(net_cents: int, vat_percent: Decimal) -> int:
    """VAT in cents on the net sum of one rate."""
    return round_half_up(EXACT.multiply(Decimal(net_cents), vat_percent).scaleb(-2, EXACT))


def gross_unit_price(unit_price_net: Decimal, vat_percent: Decimal) -> Decimal:
    """The gross price of one unit, with every decimal that it has."""
    return EXACT.multiply(unit_price_net, EXACT.add(Decimal(100), vat_percent)).scaleb(-2, EXACT)


def net_unit_price(unit_price_gross: Decimal, vat_percent: Decimal) -> Decimal:
    """The net price that `gross_unit_price` was made of; Inexact where it was made of none."""
    return EXACT.divide(unit_price_gross.scaleb(2, EXACT), EXACT.add(Decimal(100), vat_percent))


def nearest_net_unit_price(unit_price_gross: Decimal, vat_percent: Decimal) -> Decimal:
    """The net price of any gross one, to 40 digits: for files that somebody may have changed."""
    return NEAREST.divide(unit_price_gross.scaleb(2, EXACT), EXACT.add(Decimal(100), vat_percent))


def plain(number: Decimal) -> str:
    """The shortest decimal text without an exponent: 1, 2.5, 0.0001."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def price_text(price: Decimal) -> str:
    """A price with a point, at least two decimals and as many as make it exact: 11.90, 1.469055."""
    whole, _, decimals = plain(price).partition(".")
    return f"{whole}.{decimals:0<2}"


def amount_text(cents: int) -> str:
    """An amount for people: 1,234.56."""
    sign = "-" if cents < 0 else ""
    units, rest = divmod(abs(cents), 100)
    return f"{sign}{units:,}.{rest:02d}"


@dataclass(frozen=True, slots=True)
class Totals:
    """Net and VAT of an invoice in cents; VAT is computed once per rate on the sum."""

    net_cents: int
    vat_cents: int

    @classmethod
    def of(cls, net_amounts: Iterable[tuple[Decimal, int]]) -> "Totals":
        """Totals of (VAT rate, net cents of a line) pairs."""
        by_rate = totals_by_rate(net_amounts).values()
        return cls(sum(t.net_cents for t in by_rate), sum(t.vat_cents for t in by_rate))

    @property
    def gross_cents(self) -> int:
        """Net and VAT."""
        return self.net_cents + self.vat_cents


def totals_by_rate(net_amounts: Iterable[tuple[Decimal, int]]) -> dict[Decimal, Totals]:
    """The totals of each rate of an invoice, of (VAT rate, net cents of a line) pairs."""
    by_rate: dict[Decimal, int] = defaultdict(int)
    for rate, net_cents in net_amounts:
        by_rate[rate] += net_cents
    return {rate: Totals(net, vat_cents(net, rate)) for rate, net in by_rate.items()}
