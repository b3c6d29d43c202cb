"""Turn the emulator's lines of JSON into lines for people, and keep all of them in files."""

import json
import logging
import time
from collections.abc import Mapping
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

LEVELS = {"DEBUG": "dim", "INFO": "green", "WARNING": "yellow", "ERROR": "red", "CRITICAL": "bold red"}
# What Powertools adds to each line, shown elsewhere in the line or of no use on one machine.
OWN_KEYS = frozenset(
    {
        "level", "message", "timestamp", "service", "location", "cold_start", "function_arn", "function_name",
        "function_memory_size", "function_request_id", "xray_trace_id", "sampling_rate", "exception", "stack_trace",
    }
)  # fmt: skip
LOG_FILE_BYTES = 10 * 1024**2
SHOWN_EMULATOR_LEVELS = frozenset({"WARNING", "ERROR", "CRITICAL"})


def parsed(line: str) -> dict[str, Any] | None:
    """Read a line of JSON; None where it is anything else."""
    if not line.startswith("{"):
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def short_name(function: str) -> str:
    """Drop the installation from a function's name: `strata-local-ml-embedding` is shown as `embedding`."""
    return function.rpartition("-")[2] or function


def styled(clock: str, level: str, source: str, message: str, keys: Mapping[str, Any]) -> Text:
    """Lay out one line: time, level, where it comes from, message, keys."""
    text = Text(f"{clock} ", style="dim", no_wrap=True, overflow="ignore")
    text.append(f"{level:<8}", style=LEVELS.get(level, ""))
    text.append(f"{source:<14} ", style="cyan")
    text.append(message, style="")
    for name, value in keys.items():
        shown = value if isinstance(value, str) else json.dumps(value)
        text.append(f"  {name}=", style="dim")
        text.append(shown, style="dim")
    return text


def function_text(function: str, line: str, clock: str, *, failed: bool = False) -> Text | None:
    """Lay out one line that a function wrote; None for what is meant for machines only (embedded metrics)."""
    name = short_name(function)
    fields = parsed(line)
    if fields is None:
        return styled(clock, "ERROR" if failed else "INFO", name, line, {})
    if "_aws" in fields:
        return None
    keys = {key: value for key, value in fields.items() if key not in OWN_KEYS}
    text = styled(clock, str(fields.get("level", "INFO")), name, str(fields.get("message", "")), keys)
    if fields.get("exception"):
        text.append(f"\n{fields['exception']}", style="red")
    return text


class Lines:
    """Shows lines on the console and writes every one of them to `functions.log` or `emulator.log`.

    Args:
        console: where people look.
        folder: of the log files.

    Attributes:
        last: the emulator's latest complaints, for the message about its death.
        quiet: set while stopping, when interrupted work complains; the files still get every line.
    """

    def __init__(self, console: Console, folder: Path) -> None:
        self.console = console
        self.last: list[str] = []
        self.quiet = False
        self._files = {name: self._file(folder, name) for name in ("functions", "emulator")}

    @staticmethod
    def _file(folder: Path, name: str) -> logging.Handler:
        handler = RotatingFileHandler(folder / f"{name}.log", maxBytes=LOG_FILE_BYTES, backupCount=3, encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(message)s"))
        return handler

    def _keep(self, name: str, line: str) -> None:
        self._files[name].emit(logging.LogRecord(name, logging.INFO, "", 0, line, None, None))

    def take(self, line: str) -> None:
        """Handle one line of the emulator's output."""
        fields = parsed(line)
        clock = time.strftime("%H:%M:%S")
        if fields is None or "source" not in fields:
            self._keep("emulator", line)
            self.last = [*self.last[-20:], line]
        elif fields["source"] == "function":
            self._keep("functions", line)
            self._show(function_text(fields["function"], fields["line"], clock, failed=bool(fields.get("failed"))))
        elif fields["source"] == "emulator":
            self._keep("emulator", line)
            if fields["level"] in SHOWN_EMULATOR_LEVELS:
                self.last = [*self.last[-20:], fields["message"]]
                self._show(styled(clock, fields["level"], "emulator", fields["message"], {}))

    def _show(self, text: Text | None) -> None:
        if text is not None and not self.quiet:
            self.console.print(text, soft_wrap=True)

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()
