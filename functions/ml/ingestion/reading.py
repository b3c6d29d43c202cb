"""What ingestion asks of a file: how much of it could be read, and its passages. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from functions.ml.documents import Chunk, ParsedDocument
from functions.ml.ingestion.recognised_text import with_recognised
from functions.ml.ingestion.text import full_text
from functions.ml.ingestion.views import stretches
from functions.ml.parsed import Unit
from functions.ml.ports import Chunker, Parser
from functions.ml.recognised import RecognisedPage
from shared.contracts.views import ViewedPage


@dataclass(frozen=True, slots=True)
class Outline:
    """What is known of a document's text.

    Attributes:
        title: empty when there is none.
        unit: what a page is.
        characters: of the whole text.
    """

    title: str
    unit: Unit
    characters: int


class Chunks(Protocol):
    """The passages of a document, in order; they need not all be in memory."""

    def __len__(self) -> int:
        """Return how many there are."""

    def __iter__(self) -> Iterator[Chunk]:
        """Yield them from the first.

        Raises:
            Invalid: what the reading process left behind is no passage (`unreadable`).
        """

    @property
    def outline(self) -> Outline:
        """What is known of the text that they were cut from."""

    def stretches(self) -> Iterator[ViewedPage]:
        """Yield what can be drawn of the document, in order; of a very long one the first part.

        Raises:
            Invalid: what the reading process left behind is none (`unreadable`).
        """


class Reading(Protocol):
    """One file that was read."""

    @property
    def pages(self) -> int:
        """How many pages, slides or sheets; 1 for formats without."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was left out and why, for people."""

    @property
    def unread_pages(self) -> tuple[int, ...]:
        """Pages from 1 that are pictures without a text layer."""

    @property
    def format(self) -> str:
        """Name in the published list of what the content is; empty when nobody said."""

    def chunks(self, recognised: Mapping[int, RecognisedPage]) -> Chunks:
        """Cut the document, the text of recognised pages standing where these pages stand.

        Raises:
            Invalid, TooLarge, Unavailable: as the `Parser` port.
        """


class Reader(Protocol):
    """Reads a file and cuts it as one pipeline release says."""

    def __call__(self, path: Path, *, filename: str) -> AbstractContextManager[Reading]:
        """Read one file, which must stay where it is until the end of the context.

        Raises:
            Invalid, TooLarge, Unavailable: as the `Parser` port.
            Invalid: the release's strategy or its parameters are not known (`unknown_chunker`, `invalid_chunking`).
        """


@dataclass(frozen=True, slots=True)
class ParsedReading:
    """A document that is in memory."""

    document: ParsedDocument
    cut: Chunker

    @property
    def pages(self) -> int:
        """See the protocol."""
        return self.document.pages

    @property
    def warnings(self) -> tuple[str, ...]:
        """See the protocol."""
        return self.document.warnings

    @property
    def unread_pages(self) -> tuple[int, ...]:
        """See the protocol."""
        return self.document.unread_pages

    @property
    def format(self) -> str:
        """See the protocol."""
        return self.document.format

    def chunks(self, recognised: Mapping[int, RecognisedPage]) -> Chunks:
        """Cut; see the protocol."""
        whole = with_recognised(self.document, recognised) if recognised else self.document
        return CutInProcess(whole, self.cut(whole))


class CutInProcess:
    """Passages that are in memory, with the document that they were cut from."""

    def __init__(self, document: ParsedDocument, chunks: Sequence[Chunk]) -> None:
        self._document, self._chunks = document, chunks
        self.outline = Outline(document.title, document.unit, len(full_text(document).text))

    def __len__(self) -> int:
        """Count them."""
        return len(self._chunks)

    def __iter__(self) -> Iterator[Chunk]:
        """Yield them."""
        return iter(self._chunks)

    def stretches(self) -> Iterator[ViewedPage]:
        """See the protocol."""
        return map(ViewedPage.model_validate, stretches(self._document))


@dataclass(frozen=True, slots=True)
class ReadInProcess:
    """The two steps one after the other in this process, for those who trust the files."""

    parse: Parser
    cut: Chunker

    @contextmanager
    def __call__(self, path: Path, *, filename: str) -> Iterator[Reading]:
        """Read; see the protocol."""
        yield ParsedReading(self.parse(path, filename=filename), self.cut)
