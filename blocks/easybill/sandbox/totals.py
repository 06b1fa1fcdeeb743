"""What easybill computes: each position's totals, and the document's, in integer cents.

A position is rounded half up to the cent; VAT is computed once per rate on the sum.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from blocks.easybill.exact_json import Json

_HUNDRED = Decimal(100)
# Longer than any product of a quantity and a price, so that only the division rounds.
_PRECISION_DIGITS = 120
_UNIT_PRICE_DIGITS = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class RateTotal:
    """The sums of all positions with one VAT rate, in cents."""

    vat_percent: Decimal
    net_cents: int
    vat_cents: int

    @property
    def gross_cents(self) -> int:
        """Net and VAT."""
        return self.net_cents + self.vat_cents


def half_up(cents: Decimal) -> int:
    """Round to the whole cent, halves away from zero."""
    return int(cents.quantize(Decimal(1), ROUND_HALF_UP, Context(_PRECISION_DIGITS)))


def decimal(value: object) -> Decimal:
    """A JSON number as a Decimal; 0 for anything else."""
    return Decimal(value) if isinstance(value, int | Decimal) else Decimal(0)


def is_taxed(vat_option: object) -> bool:
    """Only a document without a VAT option has VAT."""
    return vat_option in (None, "NULL")


def priced(item: Mapping[str, object], *, from_gross: bool, taxed: bool) -> Json:
    """The position with its unit prices and its totals in cents."""
    percent = decimal(item.get("vat_percent")) if taxed else Decimal(0)
    quantity = decimal(item.get("quantity"))
    counted = item.get("type") == "POSITION"
    with localcontext(prec=_PRECISION_DIGITS):
        net, gross = _unit_prices(item, percent, from_gross=from_gross)
        line = half_up(quantity * (gross if from_gross else net)) if counted else 0
        vat = _vat(line, percent, from_gross=from_gross)
    return {
        **item,
        "single_price_net": net,
        "single_price_gross": gross,
        "total_price_net": line - vat if from_gross else line,
        "total_price_gross": line if from_gross else line + vat,
        "total_vat": vat,
    }


def per_rate(
    items: Iterable[Mapping[str, object]], *, from_gross: bool, taxed: bool
) -> Sequence[RateTotal]:
    """The totals of positions that are `priced`, one per VAT rate, lowest rate first."""
    summed = "total_price_gross" if from_gross else "total_price_net"
    sums: dict[Decimal, int] = {}
    for item in items:
        if item.get("type") == "POSITION":
            percent = decimal(item.get("vat_percent")) if taxed else Decimal(0)
            sums[percent] = sums.get(percent, 0) + int(decimal(item[summed]))
    return [_rate_total(percent, sums[percent], from_gross=from_gross) for percent in sorted(sums)]


def _rate_total(percent: Decimal, cents: int, *, from_gross: bool) -> RateTotal:
    with localcontext(prec=_PRECISION_DIGITS):
        vat = _vat(cents, percent, from_gross=from_gross)
    return RateTotal(percent, cents - vat if from_gross else cents, vat)


def _vat(cents: int, percent: Decimal, *, from_gross: bool) -> int:
    base = _HUNDRED + percent if from_gross else _HUNDRED
    return half_up(cents * percent / base)


def _unit_prices(
    item: Mapping[str, object], percent: Decimal, *, from_gross: bool
) -> tuple[Decimal, Decimal]:
    net, gross = item.get("single_price_net"), item.get("single_price_gross")
    factor = 1 + percent / _HUNDRED
    is_gross_given = net is None if not from_gross else gross is not None
    if is_gross_given:
        return _short(decimal(gross) / factor), decimal(gross)
    return decimal(net), _short(decimal(net) * factor)


def _short(price: Decimal) -> Decimal:
    return price.quantize(_UNIT_PRICE_DIGITS, ROUND_HALF_UP)
