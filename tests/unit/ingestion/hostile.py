"""Parsers that misbehave, run inside the sandbox's child process by the tests."""

import ctypes
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from functions.ml.ingestion.parsing.limits import MIB, ParserLimits
from functions.ml.parsed import Block, ParsedDocument

LIBC = ctypes.CDLL(None, use_errno=True)


def _said(text: str) -> ParsedDocument:
    return ParsedDocument((Block("paragraph", text),), pages=1, unit="section")


def allocate(path: Path, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    del path, filename, limits
    kept = []
    while True:
        kept.append(bytearray(16 * MIB))


def be_ended(path: Path, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    """End as a process does that the kernel ends to get memory back."""
    del path, filename, limits
    signal.raise_signal(signal.SIGKILL)
    return _said("alive")


def stay(path: Path, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    """Give half an answer, close every descriptor and stay."""
    del path, filename, limits
    for descriptor in range(3, 64):
        with suppress(OSError):
            os.write(descriptor, b"{")
    os.closerange(3, 64)
    time.sleep(600)
    return _said("awake")


def babble(path: Path, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    """Write garbage before the answer, to every descriptor there is."""
    del path, filename, limits
    for descriptor in range(64):
        with suppress(OSError):
            os.write(descriptor, b"\x00garbage{")
    return _said("babbled")


def open_everything(path: Path, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    del filename, limits
    kept = []
    while True:
        kept.append(path.open("rb"))


def peek(path: Path, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    """Look at what other processes hold, through Python and past it; `filename` names the process."""
    del path, limits
    environment = f"/proc/{filename}/environ"
    seen = []
    with suppress(OSError):
        seen.append(Path(environment).read_text(encoding="utf-8", errors="replace"))
    descriptor = LIBC.open(environment.encode(), os.O_RDONLY)
    if descriptor >= 0:
        seen.append(os.read(descriptor, 1000).decode(errors="replace"))
    return _said(f"seen: {seen}")


def read_others(path: Path, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    """Read the file that `filename` names, through Python and past it, and what libraries need."""
    del limits
    seen = []
    for wanted in (filename, str(path.parent), "/etc/group", "/", "/home", "/proc/1/environ"):
        with suppress(OSError):
            seen.append(Path(wanted).read_bytes() if Path(wanted).is_file() else os.listdir(wanted))
        descriptor = LIBC.open(wanted.encode(), os.O_RDONLY)
        if descriptor >= 0:
            seen.append(descriptor)
    own = path.read_bytes()
    for needed in ("/proc/self/status", "/dev/urandom", os.__file__, __file__):
        with open(needed, "rb") as stream:
            assert stream.read(1)
    return _said(f"seen: {seen} own: {own!r}")


def call_past_python(path: Path, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    """Do in native code, which no audit hook sees, what no parser needs, and say what succeeded."""
    del limits
    own = os.getpid()
    doors: dict[str, Callable[[], int]] = {
        "tcp": lambda: LIBC.socket(socket.AF_INET, socket.SOCK_STREAM, 0),
        "udp": lambda: LIBC.socket(socket.AF_INET, socket.SOCK_DGRAM, 0),
        "unix": lambda: LIBC.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0),
        "netlink": lambda: LIBC.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0),
        "pair": lambda: LIBC.socketpair(socket.AF_UNIX, socket.SOCK_STREAM, 0, (ctypes.c_int * 2)()),
        "fork": LIBC.fork,
        "system": lambda: LIBC.system(b"true"),
        "exec": lambda: LIBC.execv(b"/bin/true", (ctypes.c_char_p * 2)(b"true", None)),
        "write": lambda: LIBC.open(f"{path}.written".encode(), os.O_WRONLY | os.O_CREAT, 0o600),
        "remove": lambda: LIBC.unlink(str(path).encode()),
        "rename": lambda: LIBC.rename(str(path).encode(), f"{path}.renamed".encode()),
        "mkdir": lambda: LIBC.mkdir(f"{path}.folder".encode(), 0o700),
        "kill": lambda: LIBC.kill(int(filename), 0),
        "trace": lambda: LIBC.ptrace(16, int(filename), None, None),
        "ring": lambda: LIBC.syscall(425, 8, None),  # io_uring connects and writes for others
        "session": LIBC.setsid,
        "unshare": lambda: LIBC.unshare(0x10000000),
        "limits": lambda: LIBC.prlimit(int(filename), 7, None, ctypes.create_string_buffer(16)),
    }
    found = []
    for name, door in doors.items():
        if door() not in (-1, 32512):  # the shell's "not found" is what `system` answers when it cannot fork, too
            found.append(name)
        if os.getpid() != own:
            time.sleep(600)
    return _said(f"open: {found}")


def detach(path: Path, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    """Leave a grandchild in a session of its own behind, by way of Python and of libc."""
    del path, limits
    for fork in (os.fork, LIBC.fork):
        with suppress(OSError):
            if fork() == 0:
                LIBC.setsid()
                if LIBC.fork() == 0:
                    LIBC.prctl(15, filename.encode())  # its name, for the test to find it
                    time.sleep(600)
                os._exit(0)
    return _said("left")


def spin(path: Path, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    del path, filename, limits
    while True:
        pass


def sleep(path: Path, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    del path, filename, limits
    time.sleep(600)
    return _said("awake")


def crash(path: Path, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    del path, filename, limits
    os.abort()


def die(path: Path, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    del path, filename, limits
    signal.raise_signal(signal.SIGSEGV)
    return _said("alive")


def recurse(path: Path, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    return recurse(path, filename=filename, limits=limits)


def flood(path: Path, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    del path, filename, limits
    return _said("x" * 5_000_000)


def chatter(path: Path, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    del path, filename, limits
    print("this must not end up in the message", flush=True)  # noqa: T201
    sys.__stdout__.write("nor this\n")  # type: ignore[union-attr]
    os.write(1, b"nor that\n")
    return _said("clean")


def attempts(path: Path, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    """Try every door and say which were open."""
    del filename, limits
    doors: dict[str, Callable[[], object]] = {
        "connect": lambda: socket.create_connection(("127.0.0.1", 9), timeout=1),
        "datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        "local": lambda: socket.socket(socket.AF_UNIX),
        "resolve": lambda: socket.getaddrinfo("localhost", 80),
        "fork": os.fork,
        "run": lambda: subprocess.run(["/bin/true"], check=False),
        "system": lambda: os.system("true"),
        "write": lambda: Path(f"{path}.written").write_text("x", encoding="utf-8"),
        "remove": path.unlink,
    }
    found = []
    for name, door in doors.items():
        try:
            door()
        except OSError:
            continue
        if name == "fork" and os.getpid() != _PARENT:
            os._exit(0)
        found.append(name)
    environment = sorted(set(os.environ) - {"LD_LIBRARY_PATH", "LC_CTYPE"})
    return _said(f"open: {found} environment: {environment}")


def remember(path: Path, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    """Leave marks wherever a process keeps state, and tell which were there."""
    del path, limits
    seen = [name for name in ("module", "environment", "directory", "file") if _mark(name)]
    return _said(f"{filename} saw {seen}")


def _mark(name: str) -> bool:
    if name == "module":
        seen = hasattr(sys, "_mark")
        sys._mark = True  # type: ignore[attr-defined]
    elif name == "environment":
        seen = "MARK" in os.environ
        os.environ._data[b"MARK"] = b"1"  # type: ignore[attr-defined]
    elif name == "directory":
        seen = os.getcwd() != "/"
        os.chdir("/usr")
    else:
        seen = len(os.listdir("/proc/self/fd")) > 5  # three standard ones, the answer's and the listing's own
        os.dup(0)
    return seen


_PARENT = os.getpid()


def a_page(path: Path, *, filename: str, limits: ParserLimits, page: int) -> bytes:
    del path, filename, limits, page
    return b"RGB\n" + struct.pack(">II", 2, 1) + b"abcdef"


def half_a_page(path: Path, *, filename: str, limits: ParserLimits, page: int) -> bytes:
    del path, filename, limits, page
    return b"RGB\n" + struct.pack(">II", 2, 2) + b"abcdef"


HEAD = (
    b'{"pages": 1, "warnings": [], "unread_pages": [], "format": "pdf", "unit": "page", "title": "", "characters": 9, '
    b'"chunks": 1}\n'
)
PASSAGE = b'{"ordinal": 0, "text": "some text", "kind": "text", "context": "", "place": {"end": 9}}\n'
STRETCH = (
    b'{"ordinal": 0, "unit": "page", "page": 1, "start": 0, "end": 9, '
    b'"blocks": [{"kind": "paragraph", "text": "some text", "start": 0, "end": 9, "boxes": [[0, 1, 0, 0, 1, 1]]}]}\n'
)
REFUSAL = b'{"error": {"code": "zip_bomb", "message": "Too much."}}\n'
LINES: dict[str, tuple[bytes, ...]] = {
    "whole": (HEAD, PASSAGE),
    "refusal after a passage": (HEAD.replace(b"1}", b"2}"), PASSAGE, REFUSAL),
    "nothing": (),
    "no head": (PASSAGE,),
    "half a head": (HEAD[:20],),
    "a list": (b"[]\n", PASSAGE),
    "a number": (b"7\n", PASSAGE),
    "minus chunks": (HEAD.replace(b"1}", b"-1}"),),
    "endless chunks": (HEAD.replace(b"1}", b"1e999}"),),
    "fewer passages than told": (HEAD.replace(b"1}", b"2}"), PASSAGE),
    "half a passage": (HEAD, PASSAGE[:40]),
    "a text that is none": (HEAD, PASSAGE.replace(b'"some text"', b"[1]")),
    "an empty text": (HEAD, PASSAGE.replace(b"some text", b" ")),
    "another kind": (HEAD, PASSAGE.replace(b'"kind": "text"', b'"kind": "script"')),
    "another ordinal": (HEAD, PASSAGE.replace(b'"ordinal": 0', b'"ordinal": 7')),
    "a place that is none": (HEAD, PASSAGE.replace(b"9}", b'"x"}')),
    "deep": (b"[" * 100_000 + b"\n",),
    "unknown refusal": (REFUSAL.replace(b"zip_bomb", b"os.system"),),
}
"""Answers as a reading process may give them after it was taken over."""
STRETCHES: dict[str, tuple[bytes, ...]] = {
    "whole": (HEAD, PASSAGE, STRETCH),
    "no stretch": (HEAD, PASSAGE),
    "a stretch that is none": (HEAD, PASSAGE, b"{}\n"),
    "half a stretch": (HEAD, PASSAGE, STRETCH[:40]),
    "another ordinal": (HEAD, PASSAGE, STRETCH, STRETCH),
    "behind the end": (HEAD, PASSAGE, STRETCH.replace(b'"end": 9, "blocks"', b'"end": 99, "blocks"')),
    "another kind": (HEAD, PASSAGE, STRETCH.replace(b"paragraph", b"script")),
    "an endless box": (HEAD, PASSAGE, STRETCH.replace(b"1, 1]]", b"1e999, 1]]")),
    "a deep stretch": (HEAD, PASSAGE, b"[" * 100_000 + b"\n"),
}
"""The same for what can be drawn, which comes after the passages."""


def tell(path: Path, *, filename: str, limits: ParserLimits, **options: object) -> Iterator[bytes]:
    """Answer with the lines that the file's name stands for."""
    del path, limits, options
    yield from LINES[filename] if filename in LINES else STRETCHES[filename.removeprefix("drawn: ")]


def tell_and_fail(path: Path, *, filename: str, limits: ParserLimits, **options: object) -> Iterator[bytes]:
    """Break down between two passages."""
    del path, filename, limits, options
    yield HEAD.replace(b"1}", b"2}")
    yield PASSAGE
    raise MemoryError
