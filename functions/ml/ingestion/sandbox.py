"""One process per document: limits, no network, and every end of it an answer or a typed refusal."""

import io
import json
import select
import signal
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from functions.ml.ingestion import wire
from functions.ml.ingestion.file_access import landlock_version
from functions.ml.ingestion.parser_processes import Child, ParserProcesses, parser_processes
from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.system_calls import has_filter
from functions.ml.parsed import ParsedDocument
from shared.kernel.errors import Invalid, Unavailable

_PIECE_BYTES = 1024 * 1024
_PARSE = "functions.ml.ingestion.parsing.files:parse_file"
_TRIES = 2  # the second when somebody ended the server, and with it the child
_END_S = 1.0  # for a process to end after its answer
# The kernel ends a process over its processor time by the first; by the second it ends one to get memory back.
_LIMIT_SIGNALS = {signal.SIGXCPU: "time", signal.SIGKILL: "memory"}


@dataclass(frozen=True, slots=True)
class SandboxedParser:
    """Parses each file in a process of its own. It keeps no state and may be used by several threads.

    Attributes:
        limits: what one document may cost.
        parse: the function that the process runs, as `module:name`; tests put hostile ones here.
        processes: where the processes come from.
    """

    limits: ParserLimits = field(default_factory=ParserLimits)
    parse: str = _PARSE
    processes: ParserProcesses = field(default_factory=parser_processes)

    def __call__(self, path: Path, *, filename: str) -> ParsedDocument:
        """Parse one file inside the limits; see the `Parser` port.

        Args:
            path: where the bytes are; read only.
            filename: the name that the owner gave the file.

        Raises:
            Invalid: `unsupported_type`, `empty_file`, `password_protected`, `no_text` or `unreadable`.
            TooLarge: `too_many_pages`, `parser_limit` or `zip_bomb`.
            Unavailable: `parser_lost`: the process was ended from outside, which says nothing about the file.
        """
        return read_document(self.message(path, filename=filename))

    def message(self, path: Path, *, filename: str, **options: object) -> bytes:
        """Return what the function writes about a file.

        Args:
            path: where the bytes are; read only.
            filename: the name that the owner gave the file.
            options: further arguments of the function, as JSON can carry them.

        Raises:
            Invalid: the process died over the file (`unreadable`).
            TooLarge: it went over a limit (`parser_limit`).
        """
        message = io.BytesIO()
        self.write_message(path, message, filename=filename, **options)
        return message.getvalue()

    def write_message(self, path: Path, into: IO[bytes], *, filename: str, **options: object) -> None:
        """Write what the function writes about a file into another one, which may be too long for the memory.

        Args:
            path: where the bytes are; read only.
            into: empty, and open for writing.
            filename: the name that the owner gave the file.
            options: further arguments of the function, as JSON can carry them.

        Raises:
            Invalid: the file is empty (`empty_file`), or the process died over it (`unreadable`).
            TooLarge: it went over a limit (`parser_limit`).
            Unavailable: `parser_lost`: the process was ended from outside, which says nothing about the file.
        """
        if path.stat().st_size == 0:
            raise refusals.empty_file()
        job = self._job(path, filename, **options)
        for _ in range(_TRIES):
            status = self._run(job, into)
            if status is not None:
                return _check(status)
            into.seek(0)
            into.truncate()
        raise Unavailable(
            "The program that reads documents was ended from outside while it read this one. It is read again soon.",
            code="parser_lost",
        )

    def _run(self, job: bytes, into: IO[bytes]) -> int | None:
        child = self.processes.start(job)
        deadline = time.monotonic() + self.limits.wall_s
        try:
            _copy(child, into, deadline, self.limits.output_bytes)
            status = child.status(max(deadline - time.monotonic(), _END_S))
        except TimeoutError as error:
            raise refusals.parser_limit("time") from error
        finally:
            child.end()
        if status is None:
            self.processes.discard(child)
        return status

    def _job(self, path: Path, filename: str, **options: object) -> bytes:
        job = {
            "path": str(path.resolve()),
            "filename": filename,
            "parse": self.parse,
            "limits": asdict(self.limits),
            "options": options,
        }
        return json.dumps(job).encode()


def _copy(child: Child, into: IO[bytes], deadline: float, most_bytes: int) -> None:
    """Write down all that the child writes until it closes its end.

    Raises:
        TooLarge: the time is up or the message too long (`parser_limit`).
    """
    length = 0
    poll = select.poll()
    poll.register(child.answer, select.POLLIN | select.POLLHUP)
    while True:
        left_s = deadline - time.monotonic()
        if left_s <= 0 or not poll.poll(left_s * 1000):
            raise refusals.parser_limit("time")
        try:
            piece = child.answer.recv(_PIECE_BYTES)
        except ConnectionError:  # it died before it had read its job
            piece = b""
        if not piece:
            return
        into.write(piece)
        length += len(piece)
        if length > most_bytes:
            raise refusals.parser_limit("memory")


def isolation() -> Mapping[str, object]:
    """Return what the kernel of this machine holds a parser with, besides its limits."""
    return {"landlock_version": landlock_version(), "system_call_filter": has_filter()}


def read_document(message: bytes) -> ParsedDocument:
    """Return the document of a message, or raise the refusal that it is.

    Raises:
        Invalid, TooLarge: as `SandboxedParser`; `unreadable` for a message that is neither.
    """
    try:
        return wire.decode(message)
    except ValueError as error:
        raise refusals.nothing_usable() from error


def _check(status: int) -> None:
    if status == 0:
        return
    if -status in _LIMIT_SIGNALS:
        raise refusals.parser_limit(_LIMIT_SIGNALS[signal.Signals(-status)])
    raise _died()


def _died() -> Invalid:
    """A crash in a parser's native code is the file's doing: the same parser reads every other file."""
    return refusals.unreadable("The file is damaged: the program that reads it broke down over it.")
