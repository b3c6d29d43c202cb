"""Starts the parser server of this process, and a child of it for every document."""

import atexit
import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_SERVER = Path(__file__).with_name("parser_server.py")
_STATUS_BYTES = 4
_STOP_S = 5.0


@dataclass(frozen=True, slots=True)
class Child:
    """The process of one document.

    Attributes:
        answer: its job goes in here, and its message comes out.
        lease: its status comes out here; closing it kills the child and whatever that started.
        server: process id of the server that it came from.
    """

    answer: socket.socket
    lease: socket.socket
    server: int

    def status(self, timeout_s: float) -> int | None:
        """Wait for the end: exit status, or the negative number of the signal; None when the server died.

        Raises:
            TimeoutError: it did not end in time.
        """
        self.lease.settimeout(timeout_s)
        with suppress(ConnectionError):
            status = self.lease.recv(_STATUS_BYTES)
            if len(status) == _STATUS_BYTES:
                return int.from_bytes(status, "big", signed=True)
        return None

    def end(self) -> None:
        """Kill it unless it has ended."""
        self.lease.close()
        self.answer.close()


class ParserProcesses:
    """One server, started on first use and again when it died; safe between threads and after a fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._owner = 0

    def start(self, job: bytes) -> Child:
        """Fork a child and hand it its job."""
        ours, theirs = socket.socketpair()
        lease, their_lease = socket.socketpair()
        try:
            with self._lock:
                server = self._request([theirs.fileno(), their_lease.fileno()])
        except BaseException:
            ours.close()
            lease.close()
            raise
        finally:
            theirs.close()
            their_lease.close()
        with suppress(ConnectionError):  # it died at once; its status says so
            ours.sendall(job)
            ours.shutdown(socket.SHUT_WR)
        return Child(ours, lease, server)

    def discard(self, child: Child) -> None:
        """Start no other child from the server of one that ended without a status: it may take long to die."""
        with self._lock:
            if self._server is not None and self._server.pid == child.server and self._owner == os.getpid():
                self._server.kill()
                self._drop()

    def stop(self) -> None:
        """End the server and with it its children; the next use starts another."""
        with self._lock:
            self._drop()

    def _request(self, descriptors: list[int]) -> int:
        """Ask for a child and return the process id of the server that makes it."""
        control, server = self._connected()
        try:
            socket.send_fds(control, [b"\0"], descriptors)
        except ConnectionError:  # somebody ended the server since the last document
            self._drop()
            control, server = self._connected()
            socket.send_fds(control, [b"\0"], descriptors)
        return server.pid

    def _connected(self) -> tuple[socket.socket, subprocess.Popen[bytes]]:
        if self._control is None or self._server is None or self._owner != os.getpid():
            self._control, self._server = _started()
            self._owner = os.getpid()
        return self._control, self._server

    def _drop(self) -> None:
        control, server = self._control, self._server
        self._control = self._server = None
        if control is not None:
            control.close()
        if server is not None and self._owner == os.getpid():
            try:
                server.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


@cache
def parser_processes() -> ParserProcesses:
    """Return the children's source of this process."""
    processes = ParserProcesses()
    atexit.register(processes.stop)
    return processes


def _started() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    """Start a server with no environment (so no credentials) and no user site, in this process's group."""
    libraries = os.environ.get("LD_LIBRARY_PATH")  # the interpreter itself may need it
    ours, theirs = socket.socketpair()
    with theirs:
        server = subprocess.Popen(  # noqa: S603 - our own interpreter and script
            [sys.executable, "-I", "-S", "-B", str(_SERVER), json.dumps(_search_path())],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"LD_LIBRARY_PATH": libraries} if libraries else {},
            cwd="/",
        )
    return ours, server


def _search_path() -> list[str]:
    """Return this process's import path; the server starts without `site`, which would take twice as long."""
    root = str(Path(__file__).resolve().parents[3])
    return [root, *(entry for entry in sys.path if entry and entry != root)]
