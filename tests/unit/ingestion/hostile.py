"""Parsers that misbehave, run inside the sandbox's child process by the tests."""

import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.parsed import Block, ParsedDocument


def _said(text: str) -> ParsedDocument:
    return ParsedDocument((Block("paragraph", text),), pages=1, unit="section")


def allocate(path: Path, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    del path, filename, limits
    return _said(str(len(bytearray(4 * 1024**3))))


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
