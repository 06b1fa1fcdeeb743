"""A CSV on the disk, and the name that it has in easybill."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tasks.billing.invoice import Invoice


class CsvUnreadable(Exception):
    """The file is missing, or holds no rows of the layout; says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file on the disk, with what it comes to in cents, and its layout's hash."""

    month: str
    customer_number: str
    path: str
    sha256: str
    line_count: int
    net_cents: int
    gross_cents: int
    layout_sha256: str

    @classmethod
    def of(cls, invoice: Invoice, path: Path, content: bytes, layout_sha256: str) -> "CsvFile":
        """The file of this content, with what the invoice in it comes to."""
        totals = invoice.totals
        return cls(
            month=str(invoice.month),
            customer_number=invoice.customer.customer_number,
            path=str(path),
            sha256=sha256(content).hexdigest(),
            line_count=len(invoice.lines),
            net_cents=totals.net_cents,
            gross_cents=totals.gross_cents,
            layout_sha256=layout_sha256,
        )

    def is_intact(self) -> bool:
        """Whether the disk still holds what was built."""
        return read_intact(self.path, self.sha256) is not None


def key_of(invoice: Invoice) -> tuple[str, int]:
    """Customer number and sequence: which of the month's exports the invoice's is."""
    return invoice.customer.customer_number, invoice.sequence


def is_changed(folder: Path, invoice: Invoice, sent: Mapping[tuple[str, int], str | None]) -> bool:
    """Whether the invoice's file is there, but not as it was sent, as far as its hash is known."""
    path, content_sha256 = folder / f"{invoice.file_stem}.csv", sent.get(key_of(invoice))
    if content_sha256 is None or not path.exists():
        return False
    return read_intact(str(path), content_sha256) is None


def read_intact(path: str, content_sha256: str) -> bytes | None:
    """The file's content if it is what was built; None where it is missing or was changed."""
    file = Path(path)
    content = file.read_bytes() if file.is_file() else b""
    return content if sha256(content).hexdigest() == content_sha256 else None


def is_upload_of(file_name: str, month: str, customer_number: str) -> bool:
    """Whether it is the name that a file of this customer and month has in easybill."""
    beginning = upload_name(month, customer_number, "").removesuffix(".csv")
    return re.fullmatch(f"{re.escape(beginning)}[0-9a-f]{{12}}\\.csv", file_name) is not None


def upload_name(month: str, customer_number: str, content_sha256: str) -> str:
    """The name in easybill, derived from the content, so that a lost upload can be found."""
    return f"{month}-{customer_number}-{content_sha256[:12]}.csv"
