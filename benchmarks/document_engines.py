"""Parsers to measure: the project's own, in this process."""

import signal
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.document_measures import Piece
from benchmarks.document_sets import DocumentFile
from functions.ml.ingestion.parsing.files import parse_file
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.parsed import ParsedDocument
from shared.kernel.errors import Rejected

TIME_LIMIT_S = 90


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an engine made of one file.

    Attributes:
        name: the file's.
        status: `parsed`; `refused`, said on purpose; `crashed`, any other failure; `late`, over the time limit.
        reason: code of the refusal or the failure in a few words; empty when parsed.
        seconds: wall-clock time of this file.
        pieces: empty unless parsed.
    """

    name: str
    status: str
    reason: str
    seconds: float
    pieces: tuple[Piece, ...] = ()


def strata_outcomes(files: Iterable[DocumentFile]) -> Iterator[Outcome]:
    """Parse each file with the project's own parsers, without the sandbox."""
    signal.signal(signal.SIGALRM, _too_late)
    for file in files:
        started = time.perf_counter()
        signal.alarm(TIME_LIMIT_S)
        status, reason, pieces = _parse(file.path)
        signal.alarm(0)
        yield Outcome(file.name, status, reason, time.perf_counter() - started, pieces)


def _parse(path: Path) -> tuple[str, str, tuple[Piece, ...]]:
    try:
        return "parsed", "", tuple(document_pieces(parse_file(path, filename=path.name, limits=ParserLimits())))
    except Rejected as error:
        return "refused", error.code, ()
    except TimeoutError:
        return "late", f"over {TIME_LIMIT_S} s", ()
    except Exception as error:
        return "crashed", f"{type(error).__name__}: {error}"[:120], ()


def document_pieces(document: ParsedDocument) -> Iterator[Piece]:
    """Yield a parsed document as pieces: a table's header once before its rows, a sheet's name as a heading."""
    sheet: str | None = None
    table = -1
    for block in document.blocks:
        if block.sheet is not None and block.sheet not in {sheet, block.text}:
            yield Piece("heading", block.sheet)
        sheet = block.sheet
        if block.kind == "table_row":
            if block.header and block.table != table:
                yield Piece("row", cells=block.header, table=block.table)
            table = block.table
            yield Piece("row", cells=block.cells, table=block.table)
        else:
            yield Piece("heading" if block.kind == "heading" else "text", block.text)


def _too_late(_signal: int, _frame: object) -> None:
    raise TimeoutError
