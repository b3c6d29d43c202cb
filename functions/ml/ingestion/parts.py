"""From a file that was read to its parts in S3, which wait to be embedded, and to its view, which stays."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from math import ceil

from functions.ml.documents import Chunk
from functions.ml.ingestion.language import GuessLanguage, language_of
from functions.ml.ingestion.reading import Reading
from functions.ml.ingestion.unread_pages import UnreadPages, nothing_found, switched_off
from functions.ml.ports import ObjectStore
from functions.ml.storage import dump_chunks, part_key
from functions.ml.view_files import write_view
from shared.contracts.events import DocumentChunked, effect_id
from shared.contracts.registry import DocumentRow
from shared.contracts.views import DocumentView
from shared.kernel.clock import isoformat
from shared.kernel.errors import TooLarge

SAMPLED_CHUNKS = 64
ALONE = 16
"""A document of more passages is cut into two parts at least, so that two workers share it."""


@dataclass(frozen=True, slots=True)
class WrittenParts:
    """What lies in S3.

    Attributes:
        parts: how many.
        chunks: how many passages they hold.
        pages: of the document.
        warnings: what was left out of it and why.
        format: name in the published list, empty when nobody said.
        language: ISO 639-1, empty when not sure.
    """

    parts: int
    chunks: int
    pages: int
    warnings: tuple[str, ...]
    format: str
    language: str


@dataclass(frozen=True)
class WriteParts:
    """Cuts what was read and writes it as it comes, a part at a time in memory, and then what can be drawn of it.

    Attributes:
        artifacts: where the parts go.
        unread: text recognition; None where it is switched off.
        chunks_per_part: see `IngestDocument`.
        most_chunks: limit of a single document.
        guess_language: tells in which language a text is written.
    """

    artifacts: ObjectStore
    unread: UnreadPages | None
    chunks_per_part: int
    most_chunks: int
    guess_language: GuessLanguage

    def __call__(self, row: DocumentRow, reading: Reading) -> WrittenParts:
        """Write all parts of the row's generation, and its view.

        Raises:
            Invalid: there is no text (`no_text`), or as the `Parser` port.
            TooLarge: there are too many passages (`too_many_chunks`), or as the `Parser` port.
            Unavailable: S3 does not answer, or a recognised page is not there any more.
        """
        unread, notes = reading.unread_pages, reading.warnings
        pages = self.unread.recognised(row, unread) if self.unread else {}
        if unread:
            notes += self.unread.notes(unread, pages) if self.unread else (switched_off(unread),)
        chunks = reading.chunks(pages)
        if not len(chunks):
            raise nothing_found(unread, notes, recognises=self.unread is not None)
        if len(chunks) > self.most_chunks:
            raise TooLarge(
                f"The document has {len(chunks):,} passages; the limit is {self.most_chunks:,}. Split it.",
                code="too_many_chunks",
            )
        parts, waiting = 0, iter(chunks)
        sample: list[Chunk] = []
        every = max(1, len(chunks) // SAMPLED_CHUNKS)
        size = part_size(len(chunks), self.chunks_per_part)
        while part := list(islice(waiting, size)):
            self.artifacts.write(part_key(row, parts), dump_chunks(part), media_type="application/json")
            sample += [chunk for chunk in part if chunk.ordinal % every == 0]
            parts += 1
        outline = chunks.outline
        view = DocumentView(
            title=outline.title, unit=outline.unit, pages=reading.pages, characters=outline.characters, stretches=0
        )
        write_view(self.artifacts, row, chunks.stretches(), view)
        language = language_of(sample, self.guess_language)
        return WrittenParts(parts, len(chunks), reading.pages, notes, reading.format, language)


def part_size(chunks: int, most: int) -> int:
    """Return how many passages each part of a document gets, the last one perhaps fewer.

    Args:
        chunks: of the document, at least 1.
        most: of one part, at least 1.
    """
    parts = max(ceil(chunks / most), 2 if chunks > ALONE else 1)
    return ceil(chunks / parts)


def part_messages(row: DocumentRow, now: datetime) -> list[DocumentChunked]:
    """Return a message for every part that is not embedded yet."""
    return [
        DocumentChunked(
            event_id=effect_id(row.document_id, str(row.generation), DocumentChunked.name, str(part)),
            correlation_id=row.correlation_id,
            tenant_id=row.tenant_id,
            occurred_at=isoformat(now),
            kb_id=row.kb_id,
            document_id=row.document_id,
            generation=row.generation,
            part=part,
            parts_total=row.parts_total,
            part_key=part_key(row, part),
            release_id=row.release_id,
        )
        for part in range(row.parts_total)
        if part not in row.parts_done
    ]
