"""Mend what a kill in the middle of an S3 write left behind, before the emulator reads its folder.

MiniStack writes an object's bytes, then its sidecar (`<name>.meta.json`), each by rename. Killed in between, the bytes
are newer than the sidecar, and no client was told that they are there: the write is taken back, or, where the former
bytes are gone, finished.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

SIDECAR = ".meta.json"
VERSIONS = ".versions"


def mend(objects: Path, torn: Path) -> int:
    """Mend every torn write under a folder of S3 objects.

    Args:
        objects: MiniStack's folder, `<account>/<bucket>/<key>`.
        torn: where bytes without a sidecar are moved; their upload was never answered.

    Returns:
        How many writes were mended.
    """
    if not objects.is_dir():
        return 0
    for unfinished in list(objects.rglob("*.tmp")):
        if unfinished.is_file():
            unfinished.unlink()
    accounts = [folder for folder in objects.iterdir() if folder.is_dir() and folder.name != VERSIONS]
    return sum(_mend_file(path, objects, torn) for account in accounts for path in list(_data_files(account)))


def _data_files(account: Path) -> Iterator[Path]:
    for path in account.rglob("*"):
        if not path.name.endswith(SIDECAR) and path.is_file():
            yield path


def _mend_file(path: Path, objects: Path, torn: Path) -> bool:
    sidecar = path.with_name(path.name + SIDECAR)
    if not sidecar.exists():
        torn.mkdir(parents=True, exist_ok=True)
        shutil.move(str(path), str(torn / quote(str(path.relative_to(objects)), safe="")[-200:]))
        return True
    if sidecar.stat().st_mtime_ns >= path.stat().st_mtime_ns:
        return False
    described = json.loads(sidecar.read_text())
    data = path.read_bytes()
    etag = f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'
    if described.get("size") == len(data) and (described.get("etag") == etag or "-" in described.get("etag", "")):
        return False
    former = _former(path, described, objects)
    if former is not None:
        _replace(path, former.read_bytes())
    else:
        described.update(size=len(data), etag=etag, checksums={})
    _replace(sidecar, json.dumps(described).encode())
    return True


def _former(path: Path, described: dict[str, object], objects: Path) -> Path | None:
    account, bucket, *key = path.relative_to(objects).parts
    former = objects.joinpath(VERSIONS, account, bucket, str(described.get("version_id")), *key)
    return former if former.is_file() else None


def _replace(path: Path, data: bytes) -> None:
    unfinished = path.with_name(path.name + ".tmp")
    unfinished.write_bytes(data)
    unfinished.replace(path)
