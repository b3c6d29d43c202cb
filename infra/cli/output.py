"""What commands print: results to stdout, as JSON or for people; everything else to stderr."""

import json
import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:  # Rich costs a tenth of a second, which `strata --help` does not need
    from rich.console import Console
    from rich.table import Table

    from infra.cli.failures import Failure

WIDTH_OF_A_PIPE = 160
as_json: ContextVar[bool] = ContextVar("as_json", default=False)
"""Whether `--json` was given."""

# C0 and C1 controls except tab and newline, and the characters that reorder text: what a document or a file name could
# use to drive the terminal or to show something else than it says.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_BEYOND_JSON = re.compile("[\x7f-\x9f\ud800-\udfff]")


def printable(text: str) -> str:
    """Replace what would drive the terminal instead of being read."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str) -> str:
    """Return printable text on one line."""
    return printable(" ".join(text.split()))


def to_json(data: object, *, indent: int | None = None, unicode: bool = True) -> str:
    """Return data as JSON text.

    Args:
        data: what `json` knows.
        indent: spaces per level; one line where None.
        unicode: keep characters beyond ASCII, for an output that can carry them.
    """
    text = json.dumps(data, ensure_ascii=not unicode, indent=indent)
    return _BEYOND_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def print_json(data: object) -> None:
    """Print one JSON document to stdout."""
    print_text(to_json(data, indent=2, unicode=_carries_unicode(sys.stdout)))


def print_json_line(data: object) -> None:
    """Print one JSON document to stdout on one line, at once, so that a reader can follow."""
    print_text(to_json(data, unicode=_carries_unicode(sys.stdout)))


def print_text(text: str) -> None:
    """Print plain text to stdout as it is, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """Tell the person something beside the result, on stderr."""
    console(stderr=True).print(printable(text), markup=False, highlight=False, soft_wrap=True)


def complain(failure: "Failure") -> None:
    """Tell on one line of stderr why the command ended."""
    details = f"code {failure.code}" + (f", request {failure.request_id}" if failure.request_id else "")
    say(f"strata: {one_line(failure.message)} ({details})")


def console(*, stderr: bool = False) -> "Console":
    """Return a console for one of the two streams, made anew so that it follows redirected streams.

    A pipe has no width; a wide one is taken, so that what greps the output finds whole lines.
    """
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else shutil.get_terminal_size((WIDTH_OF_A_PIPE, 24)).columns
    return Console(file=stream, width=width, emoji=False)


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()) -> "Table":
    """Make a table for people; long cells fold, nothing is cut off.

    Args:
        headings: one per column.
        rows: cells in the order of the headings; None and "" stay empty.
        right: the headings of the columns that hold numbers.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        made.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(Text("" if cell is None else one_line(str(cell)), style=_STYLES.get(cell, "")) for cell in row))
    return made


_STYLES: dict[object, str] = {"READY": "green", "FAILED": "red", "FINISHED": "green", "SKIPPED": "dim"}


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()) -> None:
    """Print a table for people to stdout."""
    console().print(table(headings, rows, right=right))


def print_fields(fields: Sequence[tuple[str, object]]) -> None:
    """Print names and values for people to stdout, one per line; empty values stay out."""
    width = max((len(name) for name, _ in fields), default=0)
    for name, value in fields:
        if value not in ("", None):
            print_text(f"{name.ljust(width)}  {one_line(str(value))}")


def size_text(size_bytes: int) -> str:
    """Return a size for people, e.g. `1.4 MB`."""
    size, unit = float(size_bytes), "B"
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":  # noqa: PLR2004 - decimal units
            break
        size /= 1000
    return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"


def _carries_unicode(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "").startswith("utf")
