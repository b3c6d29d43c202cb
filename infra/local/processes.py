"""Processes that outlast a program's memory of them: known by number and start time, since numbers are used again."""

import os
import signal
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Identity:
    """One process, told apart from a later one with the same number.

    Args:
        pid: its number.
        started: when it started, in the operating system's own words; only compared.
    """

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> "Identity":
        """Identify a running process."""
        return cls(pid, started(pid))

    @classmethod
    def read(cls, written: Any) -> "Identity | None":
        """Read what `write` wrote; None where it is something else."""
        try:
            return cls(int(written["pid"]), str(written["started"]))
        except (KeyError, TypeError, ValueError):
            return None

    def write(self) -> dict[str, Any]:
        """Describe the process for a file."""
        return asdict(self)

    def is_alive(self) -> bool:
        """Does this very process still run?"""
        return self.started != "" and started(self.pid) == self.started

    def send(self, number: signal.Signals) -> None:
        """Signal the process if it still is this one."""
        if self.is_alive():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return

    def wait(self, timeout_s: float) -> bool:
        """Wait for the process to end; False when it still runs after the time."""
        deadline = time.monotonic() + timeout_s
        while self.is_alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True


def started(pid: int) -> str:
    """Tell when a process started; empty when there is none, or only a dead one that waits for its parent."""
    status = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            state, *fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            return ""
        return "" if state in ("Z", "X") else fields[18]
    asked = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return asked.stdout.strip()
