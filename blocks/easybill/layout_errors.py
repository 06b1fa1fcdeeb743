"""What is wrong with a file, with a layout's own text, or with a template."""

SHOWN_CHARACTERS = 60


class LayoutError(Exception):
    """A field that breaks the import layout.

    Rows count as a spreadsheet shows them: the header is row 1, the first line item row 2.
    """

    def __init__(self, row: int, column: str, value: str, expected: str) -> None:
        super().__init__(row, column, value, expected)
        self.row = row
        self.column = column
        self.value = value
        self.expected = expected

    @property
    def found(self) -> str:
        """The value for people, shortened."""
        return _shorten(self.value)

    def __str__(self) -> str:
        return (
            f"Import layout, row {self.row}, column {self.column}: "
            f"found {self.found}, expected {self.expected}."
        )


class LayoutRefused(ValueError):
    """A layout's text that cannot be used; `problems` are sentences, each with what to do."""

    def __init__(self, *problems: str) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        return " ".join(self.problems)


class TemplateError(Exception):
    """A file that is no template for easybill's import; the message says what to do."""


def _shorten(value: str) -> str:
    if not value:
        return "nothing"
    return repr(value if len(value) <= SHOWN_CHARACTERS else value[:SHOWN_CHARACTERS] + "…")
