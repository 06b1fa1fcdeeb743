"""Files that are written whole or not at all, and only where they say something else."""

import os
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write the file unless it holds this already; nobody ever reads half of it."""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
