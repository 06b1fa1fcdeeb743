"""What is wrong with a row of the import layout, and where."""

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

    def __str__(self) -> str:
        return (
            f"Import layout, row {self.row}, column {self.column}: "
            f"found {_shorten(self.value)}, expected {self.expected}."
        )


class TemplateError(Exception):
    """A file that is no template for easybill's import; the message says what to do."""


def _shorten(value: str) -> str:
    if not value:
        return "nothing"
    return repr(value if len(value) <= SHOWN_CHARACTERS else value[:SHOWN_CHARACTERS] + "…")
