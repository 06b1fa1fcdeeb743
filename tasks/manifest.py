"""The manifest: every file of a month with its hash, lines and cents."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from blocks.ledger.ledger import Ledger
from tasks.billing.month import BillingMonth
from tasks.csv_file import CsvFile


def write_manifest(ledger: Ledger, month: BillingMonth, folder: Path) -> None:
    """Write `manifest.json` over every file of the month that the ledger knows of."""
    _write(
        folder,
        month,
        (
            _Entry(
                file=Path(export.csv_path).name,
                sha256=export.csv_sha256,
                lines=export.line_count,
                net_cents=export.net_cents,
                gross_cents=export.gross_cents,
            )
            for export in ledger.exports(str(month))
            if export.csv_path is not None and export.csv_sha256 is not None
        ),
    )


def write_preview_manifest(files: Iterable[CsvFile], month: BillingMonth, folder: Path) -> None:
    """Write `manifest.json` over the files of a preview."""
    _write(
        folder,
        month,
        (
            _Entry(
                file=Path(file.path).name,
                sha256=file.sha256,
                lines=file.line_count,
                net_cents=file.net_cents,
                gross_cents=file.gross_cents,
            )
            for file in files
        ),
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    file: str
    sha256: str
    lines: int
    net_cents: int
    gross_cents: int


def _write(folder: Path, month: BillingMonth, entries: Iterable[_Entry]) -> None:
    files = sorted(entries, key=lambda entry: entry.file)
    if not files:
        return
    folder.mkdir(parents=True, exist_ok=True)
    manifest = {"month": str(month), "files": [asdict(entry) for entry in files]}
    beside = folder / f".manifest.json.{os.getpid()}.part"
    beside.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    beside.replace(folder / "manifest.json")
