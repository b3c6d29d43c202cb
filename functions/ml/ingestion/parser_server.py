"""The process from which the process of each document is forked: run as a script, never imported by the platform.

It loads the parsers' libraries once, when it has nothing else to do, and opens no document itself, so that every child
starts from the same clean state. It reads one byte and two descriptors per document from the socket at its standard
input: where the child finds its job and leaves its answer, and a lease. It writes the child's status to the lease when
the child ended, and kills the child and whatever that started when the other end of the lease is closed. It ends when
its standard input does, so that nothing of it outlives the process that started it, however that one died.
"""

import ctypes
import gc
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from importlib import import_module

_PACKAGE = "functions.ml.ingestion"
_FILES, _PASSAGES = f"{_PACKAGE}.parsing.files", f"{_PACKAGE}.passages"
_LIBRARIES = (f"{_PACKAGE}.wire", _PASSAGES, _FILES)  # and then the readers that the formats name
_CONTROL = 0
_END_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_STATUS_BYTES = 4


class Server:
    """Forks, watches and ends children; one thread, raw descriptors, so that a fork copies nothing that acts."""

    def __init__(self) -> None:
        self._control = socket.socket(fileno=_CONTROL)
        self._leases: dict[int, int] = {}  # by the child's process id
        self._ended, wake = os.pipe()
        for descriptor in (self._ended, wake):
            os.set_blocking(descriptor, False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self._poll = select.poll()
        for descriptor in (_CONTROL, self._ended):
            self._poll.register(descriptor, select.POLLIN)
        self._unloaded = list(_LIBRARIES)
        self._prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def serve(self) -> None:
        """Serve until the other end of the control socket is closed."""
        while True:
            ready = self._poll.poll(0 if self._unloaded and not self._leases else None)
            if not ready:
                self._load_one()
                continue
            descriptor = ready[0][0]  # one at a time: the others may be closed and their numbers given away by it
            if descriptor == self._ended:
                self._collect()
            elif descriptor != _CONTROL:
                self._let_go(descriptor)
            elif not self._accept():
                return

    def _load_one(self) -> None:
        """Load a library while nobody waits; a document that needs one that is not loaded yet loads its own."""
        with suppress(Exception):  # a child that needs it says what is wrong with it
            loaded = import_module(self._unloaded.pop(0))
            if loaded.__name__ == _PASSAGES:
                loaded.warm_up()
            elif loaded.__name__ == _FILES:
                self._unloaded += [item.reader for item in loaded.formats().values()]
        if not self._unloaded:
            gc.freeze()  # children then leave these pages shared

    def _accept(self) -> bool:
        """Fork one child; False when nobody is left to ask for one."""
        try:
            request, descriptors, _, _ = socket.recv_fds(self._control, 1, 2)
        except ConnectionError:
            request, descriptors = b"", []
        if not request:
            for pid in self._leases:
                _kill(pid)
            return False
        job, lease = descriptors
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError:  # a lease that is closed without a status says that the child never was
            os.close(job)
            os.close(lease)
            return True
        if pid == 0:
            self._become_child(job, parent)
        os.close(job)
        self._leases[pid] = lease
        self._poll.register(lease, select.POLLIN)
        return True

    def _become_child(self, job: int, parent: int) -> None:
        """Keep nothing of the server but its loaded libraries, and do one job."""
        status = 1
        try:
            os.setsid()
            if self._prctl is not None:
                self._prctl(_END_WITH_PARENT, signal.SIGKILL)
                if os.getppid() != parent:
                    os._exit(status)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(1, _CONTROL)  # the standard output leads nowhere
            os.closerange(3, job)
            os.closerange(job + 1, os.sysconf("SC_OPEN_MAX"))
            import_module(f"{_PACKAGE}.parser_child").run(job)
            status = 0
        finally:
            os._exit(status)  # nothing is worth tidying up, and tearing down large trees takes time

    def _collect(self) -> None:
        """Tell the status of every child that ended, and end what it started before its number is given away."""
        with suppress(BlockingIOError):
            os.read(self._ended, 4096)
        for pid, lease in list(self._leases.items()):
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                continue
            _kill(pid)
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            with suppress(OSError):  # nobody waits for it any more
                os.write(lease, status.to_bytes(_STATUS_BYTES, "big", signed=True))
            del self._leases[pid]
            with suppress(KeyError):  # it was let go
                self._poll.unregister(lease)
            os.close(lease)

    def _let_go(self, lease: int) -> None:
        """End the child whose answer nobody waits for; it is collected like any other."""
        for pid in [pid for pid, held in self._leases.items() if held == lease]:
            _kill(pid)
        self._poll.unregister(lease)


def _kill(pid: int) -> None:
    """Kill a child that was not collected yet, and its group: itself first, lest it has no group so far."""
    for kill in (os.kill, os.killpg):
        with suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def main() -> None:
    """Serve the process at the other end of the standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends when the one that it serves does
    sys.path[:] = json.loads(sys.argv[1])
    import_module(f"{_PACKAGE}.parser_child").library_paths()  # found once, for all children
    Server().serve()
    os._exit(0)


if __name__ == "__main__":
    main()
