"""Text of others in artifacts: shown as it is, never as formatting, a link or a tag.

Prefect's UI reads the cells of a table as plain text, its older UI as markdown. So markdown is
escaped, while in a cell only an invisible mark is put where the older one would see more than text.
"""

import re

from tasks.billing.words import one_line

# Invisible, and no white space: it parts what markdown would take together.
_MARK = "\u2060"
_FORMATTING = re.compile(r"([\\`*_{}\[\]()<>#+.!|~&-])")
_TAG_OR_LINK = re.compile(r"<(?=\S)|\](?=[(\[])")
_BLOCK = re.compile(r"^(?=[#>+*|`~=-]|[0-9]+[.)](?: |$))")


def in_markdown(text: str) -> str:
    """Text of others for a markdown artifact."""
    return _FORMATTING.sub(r"\\\1", one_line(text))


def in_cell(text: str) -> str:
    """Text of others for a cell of a table artifact."""
    return _BLOCK.sub(_MARK, _TAG_OR_LINK.sub(rf"\g<0>{_MARK}", one_line(text)))


def shortened(text: str, characters: int = 40) -> str:
    """The text, cut where it would push everything else out of sight."""
    text = one_line(text)
    return text if len(text) <= characters else f"{text[: characters - 1]}…"
