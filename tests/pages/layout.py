"""The import layout's page: docs/layout.md."""

from pathlib import Path

from blocks.easybill.layout import CUSTOM_CSV, POSITIONS, Layout
from blocks.easybill.layout_rules import rule_of
from blocks.easybill.layout_vocabulary import VOCABULARY

PAGE = (Path(__file__).parent / "layout.txt").read_text(encoding="utf-8")
HEAD = "| column | holds | takes | |\n| --- | --- | --- | --- |\n"


def layout_page() -> str:
    """The built-in layouts, the vocabulary, and how to make another layout."""
    fields = "".join(
        f"| `{field.name}` | {field.meaning} | {field.form} | {_same(is_same=field.repeats)} |\n"
        for field in VOCABULARY
    )
    return PAGE.format(custom=_table(CUSTOM_CSV), positions=_table(POSITIONS), vocabulary=fields)


def _table(layout: Layout) -> str:
    return HEAD + "".join(
        f"| `{column.name}` | {column.meaning} | {rule_of(column, layout.form).expected}"
        f" | {_same(is_same=column.repeats)} |\n"
        for column in layout.columns
    )


def _same(*, is_same: bool) -> str:
    return "same on each row" if is_same else "per line"
