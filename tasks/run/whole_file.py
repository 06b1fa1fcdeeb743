"""Files that are written whole or not at all, and only where they say something else."""

import os
from pathlib import Path


class FileNotWritten(Exception):
    """A file could not be written, for example because the disk is full; no part of it is left."""

    def __init__(self, path: str, said: str) -> None:
        super().__init__(path, said)

    def __str__(self) -> str:
        path, said = self.args
        return f"the file {path} could not be written: {said}"


def write_whole(path: Path, content: bytes) -> None:
    """Write the file unless it holds this already; nobody ever reads half of it.

    Raises FileNotWritten; what was there before is then as it was.
    """
    try:
        if path.is_file() and path.read_bytes() == content:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            with beside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise FileNotWritten(str(path), error.strerror or str(error)) from error
