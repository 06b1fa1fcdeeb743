"""Three templates of other programs, adopted, and filled in as a person would.

Made up after what accounting programs export: `german` is in ISO-8859-1 with a decimal comma,
`no_names` has no header, `english` has other names in another order.
"""

import re

from blocks.easybill.layout_adopt import adopt
from blocks.easybill.layout_template import read_template
from tests.shared import ROOT

TEMPLATES = ROOT / "tests" / "golden" / "templates"
# What a person writes for each line with a "?", in order.
FILLED_IN = {
    "german": ['text = ""'],
    "no_names": [
        'dates = "YYYYMMDD"',
        'holds = "customer_number"',
        'holds = "rendered_on"',
        'holds = "kind"\nvalues = { service = "S", cancellation_fee = "G" }',
        'holds = "service_id"',
        'holds = "title"',
        'holds = "quantity"',
        'holds = "unit_price"',
        'holds = "vat_percent"',
    ],
    "english": ['text = "8400"'],
}


def adopted(template: str) -> str:
    """The text of the layout for one of them."""
    # Where no row has names, nothing tells which of its fields is a number.
    decimal = "," if template == "no_names" else None
    text = adopt(read_template(TEMPLATES / f"{template}.csv"), decimal)
    before, *others = re.split(r'^.*"\?".*$', text, flags=re.MULTILINE)
    return before + "".join(
        f"{line}{other}" for line, other in zip(FILLED_IN[template], others, strict=True)
    )
