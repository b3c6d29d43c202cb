"""A bucket in memory."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from functions.ml.ports import StoredObject
from shared.kernel.errors import Conflict, NotFound


class MemoryObjects:
    """The ObjectStore port; keeps every version like a versioned bucket."""

    def __init__(self) -> None:
        self.versions: dict[str, list[bytes]] = {}
        self.filenames: dict[str, str] = {}
        self.modified: dict[str, str] = {}
        self.tags: dict[str, tuple[str, ...]] = {}

    def head(self, key: str) -> StoredObject | None:
        """Return the newest version."""
        if key not in self.versions:
            return None
        body = self.versions[key][-1]
        told = self.filenames.get(key, ""), self.modified.get(key, ""), self.tags.get(key, ())
        return StoredObject(key, hashlib.md5(body).hexdigest(), len(body), *told)

    def read(self, key: str) -> bytes:
        """Return the newest bytes."""
        if key not in self.versions:
            raise NotFound(f"There is no object {key}.", code="object_not_found")
        return self.versions[key][-1]

    def download(self, key: str, target: Path, *, version: str) -> None:
        """Write the newest bytes if they are of this version."""
        body = self.read(key)
        if hashlib.md5(body).hexdigest() != version:
            raise Conflict("The file was replaced while it was being read.", code="object_replaced")
        target.write_bytes(body)

    def write(self, key: str, body: bytes, *, media_type: str = "application/octet-stream") -> None:
        """Add a version."""
        self.versions.setdefault(key, []).append(body)

    def delete(self, keys: Sequence[str], *, still: Callable[[], bool] | None = None, keep_live: bool = False) -> int:
        """Remove all versions, or all but the newest."""
        if still is not None and not still():
            return 0
        removed = self.count_versions(keys, keep_live=keep_live)
        for key in keys:
            versions = self.versions.pop(key, [])
            if keep_live and versions:
                self.versions[key] = versions[-1:]
        return removed

    def count_versions(self, keys: Sequence[str], *, keep_live: bool = False) -> int:
        """Count what `delete` would remove."""
        return sum(max(len(self.versions.get(key, [])) - keep_live, 0) for key in keys)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield in key order."""
        for key in sorted(self.versions):
            stored = self.head(key)
            if key.startswith(prefix) and stored is not None:
                yield StoredObject(stored.key, stored.version, stored.size_bytes)
