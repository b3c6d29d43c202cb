"""From the paths that people give to the files that are uploaded, each with its name in the knowledge base."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from infra.cli.failures import Failure


@dataclass(frozen=True)
class Found:
    """A file to upload.

    Attributes:
        filename: its name in the knowledge base: below the folder that was given, with forward slashes.
        size_bytes: as it was when it was found.
        modified_on: day of its last change, in UTC, as `2026-11-23`; empty where the disk tells nonsense.
        problem: why it cannot be uploaded; empty when it can.
    """

    path: Path
    filename: str
    size_bytes: int = 0
    problem: str = ""
    modified_on: str = ""


def find_files(paths: Sequence[Path]) -> list[Found]:
    """Find the files to upload, in the order of the paths and by name within a folder.

    A file that is named is always taken. In a folder everything is taken except hidden files and folders and the lock
    files of office programs; what the platform cannot read it refuses with its reason. Two different files whose names
    would be the same get the names of the folders above them in front.

    Raises:
        Failure: a path does not exist, or no file was found.
    """
    found: dict[Path, tuple[Path, str]] = {}
    for path in paths:
        if not os.path.exists(path):
            raise Failure(f"{path} does not exist.", code="path_not_found")
        root = path if path.is_dir() else path.parent
        for file in _below(path) if path.is_dir() else [path]:
            found.setdefault(file.resolve(), (file, file.relative_to(root).as_posix()))
    if not found:
        raise Failure(f"No file was found in {', '.join(map(str, paths))}.", code="no_files")
    named = [(file.absolute(), len(Path(name).parts)) for file, name in found.values()]
    return [_look(file, name) for file, name in zip([file for file, _ in named], tell_apart(named), strict=True)]


def tell_apart(files: Sequence[tuple[Path, int]]) -> list[str]:
    """Name files by the end of their paths, as short as asked for, but longer where the names would be the same.

    Args:
        files: different absolute paths, each with how many of its last parts make its name, at least 1.

    Returns:
        Different names in the order of the files.
    """
    lengths = [length for _, length in files]
    while True:
        names = ["/".join(file.parts[-length:]).lstrip("/") for (file, _), length in zip(files, lengths, strict=True)]
        uses = Counter(names)
        if len(uses) == len(names):
            return names
        lengths = [length + (uses[name] > 1) for name, length in zip(names, lengths, strict=True)]


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith((".", "~$")):
                yield Path(parent, name)


def _day(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


def _look(file: Path, name: str) -> Found:
    # A name that is not UTF-8 cannot travel as JSON.
    name = os.fsencode(name).decode("utf-8", "replace")
    try:
        if not file.is_file():
            return Found(file, name, problem="This is not a regular file.")
        with file.open("rb") as opened:
            about = os.fstat(opened.fileno())
            return Found(file, name, about.st_size, modified_on=_day(about.st_mtime))
    except OSError as error:
        return Found(file, name, problem=f"The file cannot be read: {error.strerror}.")
