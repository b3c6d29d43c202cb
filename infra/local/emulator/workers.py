"""Processes that run Lambda functions: their lines are handed on as they come, and none outlives the emulator."""

import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from infra.local.emulator.private_names import module

# Put in front of MiniStack's own script for a Python function. A process group of its own, so that what the handler
# started ends with it; and a thread that waits for the emulator's end, which closes nothing that a busy handler reads.
WATCH = """
import os as _os, select as _select, signal as _signal, threading as _threading, time as _time
_os.setpgid(0, 0)
_emulator = _os.getppid()
def _watch():
    try:
        _poll = _select.poll()
        _poll.register(_os.pidfd_open(_emulator), _select.POLLIN)
        while _os.getppid() == _emulator and not _poll.poll(5000):
            pass
    except (AttributeError, OSError):
        while _os.getppid() == _emulator:
            _time.sleep(0.3)
    _os.killpg(0, _signal.SIGKILL)
_threading.Thread(target=_watch, daemon=True, name="emulator-watch").start()
del _watch
"""


def emit(**fields: Any) -> None:
    """Write one line of JSON to the standard output, where the supervisor reads it."""
    try:
        sys.stdout.write(json.dumps(fields) + "\n")
        sys.stdout.flush()
    except (BrokenPipeError, ValueError):
        return  # nobody reads any more; the closed input ends the emulator


def install(touch: Callable[[], None]) -> None:
    """Wrap how MiniStack starts, reads, calls and ends the processes.

    Args:
        touch: called before and after each invocation, also those that no request asked for.
    """
    runtime = module("core.lambda_runtime")
    detect, invoke = runtime._detect_runtime_binary, runtime.Worker.invoke

    def watched(name: str) -> tuple[str, str]:
        binary, script = detect(name)
        return binary, WATCH + script if name.startswith("python") else script

    def told_invoke(worker: Any, *event: Any, **context: Any) -> Any:
        touch()
        result = invoke(worker, *event, **context)
        touch()
        if result.get("status") == "error":
            trace = result.get("trace") or result.get("error", "")
            emit(source="function", function=worker.func_name, failed=True, line=str(trace).rstrip())
        return result

    runtime._detect_runtime_binary = watched
    runtime.Worker._read_stderr = read_lines
    runtime.Worker.invoke = told_invoke
    runtime._signal = end_group


def read_lines(worker: Any) -> None:
    """Hand on what a function writes, and keep it for MiniStack's own log."""
    with contextlib.suppress(ValueError):  # the pipe was closed while it was read
        for line in worker._proc.stderr:
            text = line.rstrip("\n")
            worker._stderr_queue.put(text)
            emit(source="function", function=worker.func_name, line=text)


def end_group(process: Any) -> None:
    """Ask a worker and everything that it started to end."""
    if process is None or process.poll() is not None:
        return
    try:
        os.killpg(process.pid, signal.SIGTERM)
    except ProcessLookupError:
        process.terminate()
