"""Words that all texts for people share."""


def counted(count: int, singular: str, plural: str | None = None) -> str:
    """`1 draft`, `1,425 drafts`."""
    return f"{count:,} {singular if count == 1 else plural or f'{singular}s'}"


def one_line(text: str) -> str:
    """The text without line breaks and runs of blanks."""
    return " ".join(text.split())
