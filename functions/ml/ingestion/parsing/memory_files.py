"""Bytes under a path: parsers open files, and the files inside a container must not touch the disk."""

import os
import resource
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PosixPath


class _DescriptorPath(PosixPath):
    """The path of an open descriptor; it cannot be resolved, for what it stands for has no name."""

    def resolve(self, strict: bool = False) -> "_DescriptorPath":
        """Return the path itself."""
        del strict
        return self


@contextmanager
def as_file(data: bytes) -> Iterator[Path]:
    """Give bytes a path that every library can open, for as long as the context lasts.

    On Linux the file lives in memory, and the path is that of its descriptor. Elsewhere it is a temporary file, which
    the sandbox refuses to write.

    Raises:
        OSError: no such file may be made, or the bytes are more than this process may write.
    """
    if sys.platform != "linux":
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            yield Path(file.name)
        return
    descriptor = os.memfd_create("member")
    try:
        _write(descriptor, data)
        yield _DescriptorPath(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)


def _write(descriptor: int, data: bytes) -> None:
    """Write while the limit on files is raised: libraries stay unable to write anything anywhere."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
