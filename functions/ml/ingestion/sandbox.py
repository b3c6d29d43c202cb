"""One process per document: limits, no network, and every end of it a document or a typed refusal."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from functions.ml.ingestion import wire
from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.parsed import ParsedDocument
from shared.kernel.errors import Invalid

_CHILD = Path(__file__).with_name("parser_child.py")
_PIECE_BYTES = 1024 * 1024
_PARSE = "functions.ml.ingestion.parsing.formats:parse_file"
# Killed by these, the process went over processor time; an allocator that fails aborts.
_TIME_SIGNALS = frozenset({signal.SIGXCPU, signal.SIGKILL})


@dataclass(frozen=True, slots=True)
class SandboxedParser:
    """Parses each file in a process of its own. It keeps no state and may be used by several threads.

    Attributes:
        limits: what one document may cost.
        parse: the function that the process runs, as `module:name`; tests put hostile ones here.
    """

    limits: ParserLimits = field(default_factory=ParserLimits)
    parse: str = _PARSE

    def __call__(self, path: Path, *, filename: str) -> ParsedDocument:
        """Parse one file inside the limits; see the `Parser` port.

        Args:
            path: where the bytes are; read only.
            filename: the name that the owner gave the file.

        Raises:
            Invalid: `unsupported_type`, `empty_file`, `password_protected`, `no_text` or `unreadable`.
            TooLarge: `too_many_pages`, `parser_limit` or `zip_bomb`.
        """
        if path.stat().st_size == 0:
            raise refusals.empty_file()
        process = _start()
        try:
            _hand_over(process, self._job(path, filename))
            message = _read_all(process, self.limits)
            status = process.wait(timeout=max(self.limits.wall_s, 1.0))
        finally:
            _end(process)
        return _outcome(message, status)

    def _job(self, path: Path, filename: str) -> bytes:
        job = {
            "path": str(path.resolve()),
            "filename": filename,
            "parse": self.parse,
            "limits": asdict(self.limits),
            "search_path": _search_path(),
        }
        return json.dumps(job).encode()


def _search_path() -> list[str]:
    """Return this process's import path; the child starts without `site`, which would take twice as long."""
    root = str(Path(__file__).resolve().parents[3])
    return [root, *(entry for entry in sys.path if entry and entry != root)]


def _start() -> subprocess.Popen[bytes]:
    """Start the child isolated: no environment (so no credentials), no user site, a session of its own."""
    libraries = os.environ.get("LD_LIBRARY_PATH")  # the interpreter itself may need it
    return subprocess.Popen(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-I", "-S", "-B", str(_CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"LD_LIBRARY_PATH": libraries} if libraries else {},
        start_new_session=True,
        cwd="/",
    )


def _hand_over(process: subprocess.Popen[bytes], job: bytes) -> None:
    if process.stdin is None:
        raise RuntimeError("the child was started without a pipe")
    try:
        process.stdin.write(job)
        process.stdin.close()
    except BrokenPipeError:
        pass  # it died at once; its status says so


def _read_all(process: subprocess.Popen[bytes], limits: ParserLimits) -> bytes:
    """Return all that the child writes until it closes the pipe.

    Raises:
        TooLarge: the time is up or the message too long (`parser_limit`).
    """
    if process.stdout is None:
        raise RuntimeError("the child was started without a pipe")
    deadline = time.monotonic() + limits.wall_s
    pieces: list[bytes] = []
    length = 0
    descriptor = process.stdout.fileno()
    poll = select.poll()
    poll.register(descriptor, select.POLLIN | select.POLLHUP)
    while True:
        left_s = deadline - time.monotonic()
        if left_s <= 0 or not poll.poll(left_s * 1000):
            raise refusals.parser_limit("time")
        piece = os.read(descriptor, _PIECE_BYTES)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)
        length += len(piece)
        if length > limits.output_bytes:
            raise refusals.parser_limit("memory")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the child and whatever it started, and collect it."""
    with suppress(ProcessLookupError, PermissionError):  # it has ended, and with it its group
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _outcome(message: bytes, status: int) -> ParsedDocument:
    if status == 0:
        try:
            return wire.decode(message)
        except ValueError as error:
            raise refusals.unreadable("The file is damaged: reading it gave nothing usable.") from error
    if -status in _TIME_SIGNALS:
        raise refusals.parser_limit("time")
    raise _died()


def _died() -> Invalid:
    """A crash in a parser's native code is the file's doing: the same parser reads every other file."""
    return refusals.unreadable("The file is damaged: the program that reads it broke down over it.")
