"""A whole platform of its own for a measurement: started in a temporary folder on a free port, and stopped."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.machine import descendants, processor_s

CHECKOUT = Path(__file__).resolve().parents[1]
READY_S, STOP_S = 300.0, 60.0
FUNCTION = re.compile(r"ministack-lambda-strata-local-([a-z-]+?)-[a-z0-9_]{8}/")


@dataclass(frozen=True)
class LocalPlatform:
    """A running platform.

    Attributes:
        home: its folder.
        pid: of the process that supervises it.
    """

    home: Path
    pid: int

    @property
    def environ(self) -> dict[str, str]:
        """The environment in which the command line finds it."""
        named = {name: value for name, value in os.environ.items() if not name.startswith("STRATA_API")}
        return {**named, "STRATA_HOME": str(self.home), "NO_COLOR": "1"}

    def strata(self, *arguments: str, fails: tuple[int, ...] = ()) -> str:
        """Run the command line and return what it prints.

        Args:
            arguments: of `strata`.
            fails: exit codes that are expected besides 0.
        """
        done = subprocess.run(
            [Path(sys.executable).with_name("strata"), *arguments],
            env=self.environ, cwd=CHECKOUT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode not in (0, *fails):
            raise SystemExit(f"strata {arguments[0]} failed: {done.stderr or done.stdout}")
        return done.stdout

    def processes(self) -> list[tuple[int, str]]:
        """Return (process id, name of its function, `parsers` or `emulator`) of all that runs."""
        return [(pid, _name(pid)) for pid in descendants(self.pid)]

    def processor_s(self) -> dict[str, float]:
        """Return the processor time used so far, in seconds: of each function, and `emulator`."""
        used: dict[str, float] = defaultdict(float)
        for pid in descendants(self.pid):
            used[_name(pid)] += processor_s(pid)
        return dict(used)


def difference(after: Mapping[str, float], before: Mapping[str, float]) -> dict[str, float]:
    """Return what was used between two looks, largest first, in seconds."""
    used = {name: round(value - before.get(name, 0.0), 2) for name, value in after.items()}
    return {name: used[name] for name in sorted(used, key=lambda name: -used[name]) if used[name] > 0}


@contextmanager
def local_platform() -> Iterator[LocalPlatform]:
    """Start a platform and stop it afterwards; its folder is removed."""
    with TemporaryDirectory(prefix="strata-benchmark-") as folder:
        log = Path(folder) / "up.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "infra.local.up", "--port", str(_free_port())],
                env={**os.environ, "STRATA_HOME": folder}, cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=out,
                stderr=out, start_new_session=True,
            )  # fmt: skip
        try:
            _await_ready(process, log)
            yield LocalPlatform(Path(folder), process.pid)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(STOP_S)


def _await_ready(process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + READY_S
    while "Strata is ready" not in (said := log.read_text(encoding="utf-8", errors="replace")):
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"the platform did not start:\n{said}")
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _name(pid: int) -> str:
    try:
        line = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return "ended"
    if "parser_server" in line:
        return "parsers"
    found = FUNCTION.search(line)
    return found.group(1) if found else "emulator"
