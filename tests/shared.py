"""Where the reference material lies that some tests compare with, if it is there."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("INVOICING_SHARED", ROOT.parent / "shared"))


def shared_file(relative: str) -> Path:
    """The file below the shared folder; skips the calling test where it is absent."""
    file = SHARED / relative
    if not file.is_file():
        pytest.skip(f"{relative} is not there (set INVOICING_SHARED to the folder that holds it)")
    return file
