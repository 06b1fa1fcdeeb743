"""Check: what a layout lacks that a bill needs, and where a template differs from it."""

from collections import Counter

from blocks.easybill.layout_adopt import field_of
from blocks.easybill.layout_file import Layout
from blocks.easybill.layout_template import Template
from blocks.easybill.layout_vocabulary import FIELDS, NUMBERS, PRICES

# What a bill needs, each with the fields that hold it.
NEEDED = {
    "the customer's identifier": ("customer_number", "order_number"),
    "the service's name": ("name", "title"),
    "the description": ("description", "title"),
    "the price": PRICES,
    "the type of a cancellation fee": ("kind",),
}
NOT_NAMED = (
    "warning: no column holds service_id, so the files do not name their services: a lost ledger is"
    " rebuilt by positions alone"
)
KIND_NOT_NAMED = (
    "warning: no column holds kind beside service_id, so the files do not tell a fee from its"
    " service: a lost ledger is rebuilt by positions alone"
)


def lacking(layout: Layout) -> list[str]:
    """Each thing that a bill needs and that no column holds, a line each."""
    held = {column.holds for column in layout.columns}
    return [
        f"no column holds {what} ({' or '.join(fields)})"
        for what, fields in NEEDED.items()
        if held.isdisjoint(fields)
    ]


def warnings(layout: Layout) -> list[str]:
    """What a bill can do without, and a lost ledger cannot."""
    if layout.names_lines:
        return []
    return [KIND_NOT_NAMED if "service_id" in layout.fields else NOT_NAMED]


def differences(template: Template, layout: Layout) -> list[str]:
    """Say each difference in a line; order does not count where columns are found by name."""
    if template.has_no_header or not layout.form.header:
        return _without_names(template, layout)
    found = Counter(name for name in template.first if name)
    known = set(layout.names)
    lines = [
        *(f"missing in the template: {name}" for name in layout.names if name not in found),
        *(f"only in the template, not written: {_named(n)}" for n in found if n not in known),
        *(f"more than once in the template: {name}" for name in found if found[name] > 1),
    ]
    return lines + _of_form(template, layout)


def _without_names(template: Template, layout: Layout) -> list[str]:
    wanted, found = len(layout.columns), len(template.first)
    lines = _of_form(template, layout)
    if layout.form.header == template.has_no_header:
        has = "names no columns" if template.has_no_header else "names its columns"
        lines.append(f"the template {has} in its first row, the layout is the other way round")
    return [*lines, f"{found} columns, {wanted} are written"] if wanted != found else lines


def _of_form(template: Template, layout: Layout) -> list[str]:
    form = layout.form
    lines = []
    if template.separator != form.separator:
        lines.append(
            f"the template has {template.separator!r} between fields, {form.separator!r} is written"
        )
    is_ascii = all(field.isascii() for row in template.records for field in row)
    if template.encoding != form.encoding and not is_ascii:
        lines.append(f"the template is in {template.encoding}, {form.encoding} is written")
    return lines


def _named(name: str) -> str:
    field = field_of(name)
    return f"{name} (holds {field}?)" if field and FIELDS[field].form in NUMBERS else name
