"""Puts the server together from its artifacts, in the cache that models lie in too."""

import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from infra.local.models.cache import READ_BYTES, cache_folder, check_space, only_builder, place
from infra.local.models.errors import ModelSetupFailed
from infra.local.opensearch.artifacts import fetched
from infra.local.opensearch.catalogue import Artifact, Catalogue, catalogue
from infra.local.opensearch.errors import OpenSearchNotPossible

NAME = "opensearch"
ASSEMBLED_BYTES = 300 * 1024**2


def ensure_server(*, on_progress: Callable[[str], None]) -> Path:
    """Return the folder of the server, assembled unless a whole one is in the cache.

    The artifacts are checked against their pinned hashes and every file of the folder against the artifacts, so what a
    crash or a disk left half or broken is made again. Any number of processes may call this at once.

    Args:
        on_progress: told what happens, in words.

    Returns:
        A folder outside the checkout with `bin/opensearch`; nothing ever writes into it again.

    Raises:
        OpenSearchNotPossible: an artifact cannot be fetched or is not the pinned one, or the disk is full.
    """
    pinned, cache = catalogue(), cache_folder()
    target = cache / NAME / f"{pinned.version}-{pinned.digest}"
    try:
        with only_builder(target.parent, NAME):
            artifacts = fetched(pinned, cache / "downloads" / NAME, on_progress=on_progress)
            if not _is_whole(target, pinned, artifacts):
                check_space(target.parent, ASSEMBLED_BYTES)
                on_progress(f"assembling OpenSearch {pinned.version} ...")
                place(target, NAME, lambda folder: _assemble(folder, pinned, artifacts))
    except ModelSetupFailed as error:
        raise OpenSearchNotPossible(str(error).replace("The model", "OpenSearch")) from error
    except (OSError, zipfile.BadZipFile) as error:
        raise OpenSearchNotPossible(
            f"OpenSearch could not be put together under {cache} ({error}). Free some space or set STRATA_CACHE to a "
            "folder that you may write to, and run the command again."
        ) from error
    return target


def _entries(archive: zipfile.ZipFile, artifact: Artifact) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    """Yield the files of an archive with their paths inside the server; its one top folder falls away."""
    for entry in archive.infolist():
        if not entry.is_dir():
            name = entry.filename if artifact.into else entry.filename.partition("/")[2]
            yield entry, f"{artifact.into}/{name}" if artifact.into else name


def _assemble(folder: Path, pinned: Catalogue, artifacts: Mapping[Artifact, Path]) -> None:
    """Fill an empty folder."""
    for artifact, path in artifacts.items():
        if artifact.packaging == "zip":
            with zipfile.ZipFile(path) as archive:
                for entry, name in _entries(archive, artifact):
                    with archive.open(entry) as source:
                        _write(folder / name, source.read())
        else:
            target = folder / artifact.into / artifact.filename
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    for name, text in pinned.descriptions().items():
        _write(folder / name, text.encode())
    for script in (folder / "bin").iterdir():
        script.chmod(0o755)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _is_whole(folder: Path, pinned: Catalogue, artifacts: Mapping[Artifact, Path]) -> bool:
    """Does the folder hold every file as its artifact has it?"""
    return all(
        (folder / name).is_file() and _crc(folder / name) == expected for name, expected in _expected(pinned, artifacts)
    )


def _expected(pinned: Catalogue, artifacts: Mapping[Artifact, Path]) -> Iterator[tuple[str, int]]:
    """Yield path and checksum of each file of a whole server."""
    for artifact, path in artifacts.items():
        if artifact.packaging == "zip":
            with zipfile.ZipFile(path) as archive:
                yield from ((name, entry.CRC) for entry, name in _entries(archive, artifact))
        else:
            yield f"{artifact.into}/{artifact.filename}", _crc(path)
    for name, text in pinned.descriptions().items():
        yield name, zlib.crc32(text.encode())


def _crc(path: Path) -> int:
    """Return the checksum of a file as zip archives have it."""
    checksum = 0
    with path.open("rb") as file:
        while piece := file.read(READ_BYTES):
            checksum = zlib.crc32(piece, checksum)
    return checksum
