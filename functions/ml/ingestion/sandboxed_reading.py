"""Files are read and cut in the sandbox; their passages wait in a temporary file until they are wanted.

They wait there, and not in the process that made them, because its time must not depend on how fast S3 takes the parts.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from functions.ml.documents import Chunk
from functions.ml.ingestion import wire
from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.reading import Chunks, Outline, Reading
from functions.ml.ingestion.sandbox import SandboxedParser
from functions.ml.recognised import RecognisedPage, dump_page
from functions.ml.storage import chunk_from
from shared.contracts.views import ViewedPage
from shared.kernel.errors import Rejected

READ_PASSAGES = "functions.ml.ingestion.passages:read_passages"
_LONGEST_LINE_BYTES = 8 * 1024 * 1024
_IN_MEMORY_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class SandboxedReader:
    """The `Reader` of one way to cut. It keeps no state and may be used by several threads.

    Attributes:
        strategy: how to cut.
        parameters: of the strategy, as JSON can carry them.
        sandbox: where it happens; its function answers as `read_passages` does.
    """

    strategy: str
    parameters: Mapping[str, object]
    sandbox: SandboxedParser = field(default_factory=lambda: SandboxedParser(parse=READ_PASSAGES))

    @contextmanager
    def __call__(self, path: Path, *, filename: str) -> Iterator[Reading]:
        """Read one file; see the protocol."""
        with ExitStack() as stack:
            yield _SandboxedReading(self, path, filename, stack)

    def read(self, path: Path, filename: str, pages: Mapping[int, RecognisedPage], into: IO[bytes]) -> "_Passages":
        """Read and cut a file once.

        Raises:
            Invalid, TooLarge, Unavailable: as the `Parser` port.
        """
        recognised = {str(number): dump_page(page).decode() for number, page in pages.items()}
        self.sandbox.write_message(
            path, into, filename=filename, strategy=self.strategy, parameters=self.parameters, recognised=recognised
        )
        return _Passages(into)


class _SandboxedReading:
    """A file whose passages wait. With recognised pages it is read over: they came after it had been read."""

    def __init__(self, reader: SandboxedReader, path: Path, filename: str, stack: ExitStack) -> None:
        self._reader, self._path, self._filename, self._stack = reader, path, filename, stack
        self._passages = self._read({})
        self.pages = self._passages.pages
        self.warnings = self._passages.warnings
        self.unread_pages = self._passages.unread_pages
        self.format = self._passages.format

    def chunks(self, recognised: Mapping[int, RecognisedPage]) -> Chunks:
        """Return the passages; see the protocol."""
        return self._read(recognised) if recognised else self._passages

    def _read(self, recognised: Mapping[int, RecognisedPage]) -> "_Passages":
        into = self._stack.enter_context(SpooledTemporaryFile(_IN_MEMORY_BYTES))  # noqa: SIM115 - the stack closes it
        return self._reader.read(self._path, self._filename, recognised, into)


class _Passages:
    """An answer of `read_passages`, looked at with suspicion: the process that wrote it has read a hostile file."""

    def __init__(self, answer: IO[bytes]) -> None:
        answer.seek(0)
        self._answer = answer
        try:
            head = _value(answer)
            self._count = wire.whole_number(head["chunks"])
            self.pages = wire.whole_number(head["pages"])
            self.warnings = tuple(map(str, head["warnings"]))
            self.unread_pages = tuple(map(wire.whole_number, head["unread_pages"]))
            self.format = wire.known_format(head["format"])
            self.outline = Outline(
                str(head["title"]), wire.known_unit(head["unit"]), wire.whole_number(head["characters"])
            )
        except wire.UNUSABLE as error:
            raise refusals.nothing_usable() from error
        self._start = answer.tell()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Chunk]:
        self._answer.seek(self._start)
        for ordinal in range(self._count):
            try:
                chunk = chunk_from(_value(self._answer))
            except wire.UNUSABLE as error:
                raise refusals.nothing_usable() from error
            if chunk.ordinal != ordinal or not chunk.text.strip():
                raise refusals.nothing_usable()
            yield chunk

    def stretches(self) -> Iterator[ViewedPage]:
        """Yield what comes after the passages, each as far as it can be drawn at all."""
        self._answer.seek(self._start)
        for _ in range(self._count):
            self._answer.readline(_LONGEST_LINE_BYTES)
        ordinal = 0
        while line := self._answer.readline(_LONGEST_LINE_BYTES):
            try:
                page = ViewedPage.model_validate_json(line)
            except ValueError as error:
                raise _refusal(line) from error
            if page.ordinal != ordinal or not 0 <= page.start <= page.end <= self.outline.characters:
                raise refusals.nothing_usable()
            ordinal += 1
            yield page


def _refusal(line: bytes) -> Rejected:
    """Return what a line refuses, or that it is none of ours."""
    try:
        wire.raise_refusal(json.loads(line))
    except Rejected as refusal:
        return refusal
    except wire.UNUSABLE:
        pass
    return refusals.nothing_usable()


def _value(answer: IO[bytes]) -> dict[str, Any]:
    """Return the value of the next line.

    Raises:
        Invalid, TooLarge: the line is a refusal.
        ValueError: it is none of ours, among others.
    """
    value = json.loads(answer.readline(_LONGEST_LINE_BYTES))
    wire.raise_refusal(value)
    if not isinstance(value, dict):
        raise TypeError("not a line of the reader")
    return value
