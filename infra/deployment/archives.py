"""The code of a layer as an archive that depends on nothing but the sources: same files, same bytes, same key."""

import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_SUFFIXES = frozenset({".py", ".json", ".txt", ".md", ".yaml"})
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip and the object key that names its content."""

    body: bytes
    key: str


def layer_sources(layer: str, *, root: Path = ROOT) -> Iterator[tuple[str, Path]]:
    """Yield what a layer's functions import of this project: the layer itself and `shared`.

    Args:
        layer: `application` or `ml`.
        root: the checkout.

    Yields:
        Pairs (path inside the archive, file), ordered by path.
    """
    yield "functions/__init__.py", root / "functions" / "__init__.py"
    for folder in (root / "functions" / layer, root / "shared"):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix in _SUFFIXES and "__pycache__" not in path.parts:
                yield path.relative_to(root).as_posix(), path


def layer_archive(layer: str, *, root: Path = ROOT) -> Archive:
    """Zip a layer's sources without dependencies, for an interpreter that has them.

    Args:
        layer: `application` or `ml`.
        root: the checkout.

    Returns:
        The archive; its key is `<layer>/<SHA-256 of the bytes>.zip`.
    """
    return _zipped(layer, layer_sources(layer, root=root))


def folder_archive(folder: Path) -> Archive:
    """Zip what `make package` built for one function.

    Args:
        folder: `build/<function>`.

    Returns:
        The archive; its key is `<function>/<SHA-256 of the bytes>.zip`.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return _zipped(folder.name, ((path.relative_to(folder).as_posix(), path) for path in files))


def _zipped(name: str, files: Iterable[tuple[str, Path]]) -> Archive:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for inside, path in files:
            entry = zipfile.ZipInfo(inside, _EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    body = buffer.getvalue()
    return Archive(body, f"{name}/{hashlib.sha256(body).hexdigest()}.zip")
