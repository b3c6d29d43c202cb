"""A bucket in memory."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from functions.ml.ports import ObjectVersion, StoredObject
from shared.kernel.errors import Conflict, NotFound


class MemoryObjects:
    """The ObjectStore port; keeps every version like a versioned bucket."""

    def __init__(self) -> None:
        self.versions: dict[str, list[tuple[str, bytes]]] = {}
        self._count = 0
        self.filenames: dict[str, str] = {}
        self.modified: dict[str, str] = {}
        self.tags: dict[str, tuple[str, ...]] = {}

    def head(self, key: str) -> StoredObject | None:
        """Return the newest version."""
        if key not in self.versions:
            return None
        body = self.versions[key][-1][1]
        told = self.filenames.get(key, ""), self.modified.get(key, ""), self.tags.get(key, ())
        return StoredObject(key, hashlib.md5(body).hexdigest(), len(body), *told)

    def read(self, key: str) -> bytes:
        """Return the newest bytes."""
        if key not in self.versions:
            raise NotFound(f"There is no object {key}.", code="object_not_found")
        return self.versions[key][-1][1]

    def download(self, key: str, target: Path, *, version: str) -> None:
        """Write the newest bytes if they are of this version."""
        body = self.read(key)
        if hashlib.md5(body).hexdigest() != version:
            raise Conflict("The file was replaced while it was being read.", code="object_replaced")
        target.write_bytes(body)

    def write(self, key: str, body: bytes, *, media_type: str = "application/octet-stream") -> None:
        """Add a version."""
        self._count += 1
        self.versions.setdefault(key, []).append((str(self._count), body))

    def create(self, key: str, body: bytes, *, media_type: str = "application/octet-stream") -> bool:
        """Add the first version."""
        if key in self.versions:
            return False
        self.write(key, body, media_type=media_type)
        return True

    def delete(self, keys: Sequence[str]) -> int:
        """Remove all versions."""
        return sum(len(self.versions.pop(key, [])) for key in keys)

    def list_versions(self, keys: Sequence[str]) -> list[ObjectVersion]:
        """Name each by its number."""
        return [
            ObjectVersion(key, number, is_live=(number, body) == held[-1])
            for key in sorted(set(keys))
            for held in [self.versions.get(key, [])]
            for number, body in held
        ]

    def delete_versions(self, versions: Sequence[ObjectVersion]) -> None:
        """Remove these."""
        for gone in versions:
            left = [held for held in self.versions.get(gone.key, []) if held[0] != gone.version_id]
            self.versions[gone.key] = left
            if not left:
                del self.versions[gone.key]

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield in key order."""
        for key in sorted(self.versions):
            stored = self.head(key)
            if key.startswith(prefix) and stored is not None:
                yield StoredObject(stored.key, stored.version, stored.size_bytes)
