"""The processes that run a platform's functions, and patience with a platform whose workers are killed."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from benchmarks.local_platform import FUNCTION
from benchmarks.machine import descendants
from tests.e2e.platform import Platform

ATTEMPTS = 30
Answer = TypeVar("Answer")


def patient(act: Callable[[], Answer]) -> Answer:
    """Ask again as a client does whose answer was cut off; the last failure is raised."""
    for attempt in range(ATTEMPTS):
        try:
            return act()
        except Exception:
            if attempt == ATTEMPTS - 1:
                raise
            time.sleep(0.5)
    raise AssertionError


def workers(platform: Platform) -> list[tuple[int, str]]:
    """Return the processes that run functions of this platform, by their parents, with their functions' names."""
    assert platform.process is not None
    found = []
    for pid in descendants(platform.process.pid):
        try:
            line = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        name = FUNCTION.search(line)
        if name and "parser_server" not in line:
            found.append((pid, name.group(1)))
    return found
