"""Copies of the checkout, one per process that judges: a mutant is written into one of them."""

import shutil
import subprocess
from pathlib import Path

from tests.shared import ROOT


class Copy:
    """A checkout of its own, in which one module is changed at a time."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)

    def write(self, path: str, source: str) -> None:
        """Let the module say this, and forget what Python has compiled of it."""
        module = self.root / path
        module.write_text(source, encoding="utf-8")
        for compiled in module.parent.glob(f"__pycache__/{module.stem}.*"):
            compiled.unlink()

    def restore(self, path: str) -> None:
        """Let the module be as it is in the checkout."""
        self.write(path, (ROOT / path).read_text(encoding="utf-8"))
