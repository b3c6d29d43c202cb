"""What a process does that parses one document: forked by `parser_server`, never run by the platform itself.

It takes its limits upon itself, shuts the doors (no sockets, no processes, no writing of files, no reading of
others' files, nothing of other processes), reads its job and writes its answer. Nothing of it outlives the document.
"""

import ctypes
import json
import os
import resource
import struct
import sys
from collections.abc import Iterator
from typing import Any

from functions.ml.ingestion.file_access import confine_reading, library_paths
from functions.ml.ingestion.system_calls import filter_system_calls

_DOORS = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.kill",
    "os.putenv",
    "pty.",
    "ftplib.",
    "http.",
    "urllib.",
    "smtplib.",
    "shutil.",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.mkdir",
    "os.symlink",
    "os.link",
    "os.truncate",
    "os.chmod",
    "os.chown",
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_MOST_FILES = 64
_GRACE_S = 5  # between the signal that says "time" and the one that says nothing but cannot be ignored
_OWN_PROCESS = ("/proc/self/", "/proc/thread-self/", "/proc/cpuinfo", "/proc/meminfo")
_PRIVILEGES_VERSION = 0x20080522  # _LINUX_CAPABILITY_VERSION_3
_PIECE_BYTES = 1024 * 1024


class ClosedDoorError(PermissionError):
    """The parser tried what no parser needs."""


def shut_doors(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse, as an audit hook, whatever would leave the process or change the disk."""
    if event.startswith(_DOORS):
        raise ClosedDoorError(event)
    if event == "open" and len(arguments) > 2 and isinstance(arguments[2], int) and arguments[2] & _WRITING:  # noqa: PLR2004
        raise ClosedDoorError(event)
    if event == "open" and isinstance(arguments[0], str | bytes) and _is_of_others(os.fsdecode(arguments[0])):
        raise ClosedDoorError(event)


def _is_of_others(path: str) -> bool:
    """Tell whether a path is another process's, whose environment may hold credentials."""
    real = os.path.normpath(path)
    return real.startswith("/proc/") and not real.startswith(_OWN_PROCESS)


def drop_privileges() -> None:
    """Give up whatever a process of root may do beyond others, such as reading another one's environment."""
    if sys.platform == "linux":
        header = struct.pack("Ii", _PRIVILEGES_VERSION, 0)
        ctypes.CDLL(None).capset(header, bytes(24))


def take_limits(memory_bytes: int, cpu_s: int, unzipped_bytes: int) -> None:
    """Lower this process's limits for good: memory, processor time, and no files, cores or children.

    Nothing can be written, but up to `unzipped_bytes` each to files in memory by who raises its own limit for it.
    """
    for kind, soft, hard in (
        (resource.RLIMIT_AS, memory_bytes, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s, cpu_s + _GRACE_S),
        (resource.RLIMIT_FSIZE, 0, unzipped_bytes),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_NOFILE, _MOST_FILES, _MOST_FILES),
        (resource.RLIMIT_NPROC, 0, 0),
    ):
        resource.setrlimit(kind, (soft, hard))


def answer_to(job: dict[str, Any]) -> Iterator[bytes]:
    """Yield the answer to a job, piece by piece; every failure becomes a message."""
    from functions.ml.ingestion import wire  # noqa: PLC0415 - the server loads it when it has nothing else to do
    from functions.ml.ingestion.parsing import refusals  # noqa: PLC0415
    from shared.kernel.errors import PlatformError  # noqa: PLC0415

    try:
        made = _parse(job)
        if isinstance(made, Iterator):
            yield from made
        else:
            yield made if isinstance(made, bytes) else wire.encode_document(made)
    except PlatformError as error:
        yield wire.encode_error(error)
    except MemoryError:
        yield wire.encode_error(refusals.parser_limit("memory"))
    except Exception:  # a library may raise anything over a broken file, and no file may end without an outcome
        yield wire.encode_error(refusals.unreadable("The file is damaged and cannot be read."))


def _parse(job: dict[str, Any]) -> Any:
    from importlib import import_module  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    from functions.ml.ingestion.parsing.limits import ParserLimits  # noqa: PLC0415

    module, name = job["parse"].split(":")
    parse = getattr(import_module(module), name)
    return parse(
        Path(job["path"]), filename=job["filename"], limits=ParserLimits(**job["limits"]), **job.get("options", {})
    )


def run(descriptor: int) -> None:
    """Do the one job that comes in at a descriptor, and write the answer there. The caller ends the process.

    Args:
        descriptor: a connected socket; the only open file besides the standard ones, which lead nowhere.
    """
    job = json.loads(_read_all(descriptor))
    limits = job["limits"]
    take_limits(limits["memory_bytes"], limits["cpu_s"], limits["unzipped_bytes"])
    drop_privileges()
    confine_reading([*library_paths(), job["path"]])
    filter_system_calls()
    sys.addaudithook(shut_doors)
    for piece in answer_to(job):
        rest = memoryview(piece)
        while rest:
            rest = rest[os.write(descriptor, rest) :]


def _read_all(descriptor: int) -> bytes:
    pieces = []
    while piece := os.read(descriptor, _PIECE_BYTES):
        pieces.append(piece)
    return b"".join(pieces)
