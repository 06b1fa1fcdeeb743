"""Words that all texts for people share."""

from collections.abc import Sequence


def counted(count: int, singular: str, plural: str | None = None) -> str:
    """`1 draft`, `1,425 drafts`."""
    return f"{count:,} {singular if count == 1 else plural or f'{singular}s'}"


def named(names: Sequence[str], singular: str) -> str:
    """`service S1`, `services S1, S2`."""
    return f"{singular if len(names) == 1 else f'{singular}s'} {', '.join(names)}"


def first_few(said: Sequence[str], at_most: int) -> str:
    """`K1; K2; and 3 more`."""
    more = len(said) - at_most
    return "; ".join([*said[:at_most], *([f"and {more} more"] if more > 0 else [])])


def one_line(text: str) -> str:
    """The text without line breaks and runs of blanks."""
    return " ".join(text.split())
