"""The process in which one document is parsed: run as a script, never imported by the platform.

It reads its job from standard input, takes its limits upon itself, shuts the doors (no sockets, no processes, no
writing of files) and writes one JSON message to standard output. It imports the standard library before the limits and
the parser of the one format after them.
"""

import json
import os
import resource
import sys
from typing import Any, BinaryIO

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


class ClosedDoorError(PermissionError):
    """The parser tried what no parser needs."""


def shut_doors(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse, as an audit hook, whatever would leave the process or change the disk."""
    if event.startswith(_DOORS):
        raise ClosedDoorError(event)
    if event == "open" and len(arguments) > 2 and isinstance(arguments[2], int) and arguments[2] & _WRITING:  # noqa: PLR2004
        raise ClosedDoorError(event)


def take_limits(memory_bytes: int, cpu_s: int) -> None:
    """Lower this process's limits for good: memory, processor time, and no files, cores or children."""
    for kind, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _MOST_FILES),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(kind, (value, value))


def parse_job(job: dict[str, Any]) -> bytes:
    """Parse the file of a job; every failure becomes a message."""
    from functions.ml.ingestion import wire  # noqa: PLC0415 - the path is known only now
    from functions.ml.ingestion.parsing import refusals  # noqa: PLC0415
    from shared.kernel.errors import PlatformError  # noqa: PLC0415

    try:
        return wire.encode_document(_parse(job))
    except PlatformError as error:
        return wire.encode_error(error)
    except MemoryError:
        return wire.encode_error(refusals.parser_limit("memory"))
    except Exception:  # a library may raise anything over a broken file, and no file may end without an outcome
        return wire.encode_error(refusals.unreadable("The file is damaged and cannot be read."))


def _parse(job: dict[str, Any]) -> Any:
    from importlib import import_module  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    from functions.ml.ingestion.parsing.limits import ParserLimits  # noqa: PLC0415

    module, name = job["parse"].split(":")
    parse = getattr(import_module(module), name)
    return parse(Path(job["path"]), filename=job["filename"], limits=ParserLimits(**job["limits"]))


def main() -> None:
    """Do one job from standard input."""
    job = json.loads(sys.stdin.buffer.read())
    sys.path[:] = job["search_path"]
    answer: BinaryIO = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not end up in the message
    take_limits(job["limits"]["memory_bytes"], job["limits"]["cpu_s"])
    sys.addaudithook(shut_doors)
    answer.write(parse_job(job))
    answer.flush()
    os._exit(0)  # nothing is worth tidying up, and tearing down large trees takes time


if __name__ == "__main__":
    main()
