"""The manifest: every file of a month with its hash, lines and cents."""

import json
from collections.abc import Iterable
from pathlib import Path

from blocks.ledger.ledger import Export
from blocks.ledger.states import ExportState
from tasks.billing.month import BillingMonth
from tasks.easybill.csv_file import CsvFile
from tasks.run.whole_file import write_whole

Entry = dict[str, object]


def write_manifest(exports: Iterable[Export], month: BillingMonth, folder: Path) -> None:
    """Write `manifest.json` over every file of the month's drafts, as the ledger knows them."""
    entries = [
        _entry(export.csv_path, export.csv_sha256, export)
        for export in exports
        if export.csv_path is not None
        and export.csv_sha256 is not None
        and export.state != ExportState.WITHDRAWN
    ]
    _write(folder, month, entries)


def write_preview_manifest(files: Iterable[CsvFile], month: BillingMonth, folder: Path) -> None:
    """Write `manifest.json` over the files of a preview."""
    _write(folder, month, [_entry(file.path, file.sha256, file) for file in files])


def _entry(path: str, sha256: str, sums: Export | CsvFile) -> Entry:
    return {
        "file": Path(path).name,
        "sha256": sha256,
        "lines": sums.line_count,
        "net_cents": sums.net_cents,
        "gross_cents": sums.gross_cents,
    }


def _write(folder: Path, month: BillingMonth, entries: Iterable[Entry]) -> None:
    files = sorted(entries, key=lambda entry: str(entry["file"]))
    if not files:
        (folder / "manifest.json").unlink(missing_ok=True)
        return
    manifest = {"month": str(month), "files": files}
    text = json.dumps(manifest, indent=2) + "\n"
    write_whole(folder / "manifest.json", text.encode())
