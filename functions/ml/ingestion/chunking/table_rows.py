"""Rows of tables by themselves, a few at a time; everything else by its structure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from functions.ml.documents import Chunk
from functions.ml.ingestion.chunking.pieces import Piece, chunks_of, pieces_of
from functions.ml.ingestion.chunking.structure import StructureChunker
from functions.ml.ingestion.text import full_text
from functions.ml.parsed import ParsedDocument
from shared.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class TableRowsChunker:
    """Makes chunks of a few rows of one table, each row whole and with the header's name before every value.

    Attributes:
        rows: most rows of a chunk.
        max_tokens: size at which a chunk is closed before it has all its rows; a single row may be larger.
        max_row_tokens: a row over this size is cut after all, or nothing could search it.
        prose_tokens: about how large the parts of a long section without rows are.
        max_prose_tokens: size that no part of a long section exceeds.
        whole_prose_tokens: a section up to this size stays whole; no chunk of prose exceeds it.
        min_prose_tokens: size under which a chunk without rows is merged with its neighbour where there is room.
    """

    rows: int = 4
    max_tokens: int = 250
    max_row_tokens: int = 2000
    prose_tokens: int = 180
    max_prose_tokens: int = 250
    whole_prose_tokens: int = 400
    min_prose_tokens: int = 40

    def __post_init__(self) -> None:
        """Refuse sizes that contradict each other. Raises Invalid (`invalid_chunking`)."""
        if self.rows < 1 or not 0 < self.max_tokens <= self.max_row_tokens:
            raise Invalid(
                "The chunk sizes contradict each other: rows must be at least 1, and max_tokens at most "
                "max_row_tokens.",
                code="invalid_chunking",
            )
        self._prose()

    def __call__(self, document: ParsedDocument) -> list[Chunk]:
        """Cut a document; see the `Chunker` port."""
        full = full_text(document)
        pieces = pieces_of(
            document,
            full,
            whole_tokens=self.prose_tokens // 3,
            most_tokens=self.prose_tokens - 1,
            row_tokens=self.max_row_tokens,
        )
        groups: list[list[Piece]] = []
        for _, run in groupby(pieces, key=_table):
            stretch = list(run)
            groups += self._rows(stretch) if stretch[0].is_row else self._prose().groups(full.text, stretch)
        return chunks_of(document, full.text, groups)

    def _prose(self) -> StructureChunker:
        return StructureChunker(
            self.prose_tokens, self.max_prose_tokens, self.min_prose_tokens, whole_tokens=self.whole_prose_tokens
        )

    def _rows(self, pieces: Sequence[Piece]) -> list[list[Piece]]:
        """Group rows; the parts of a row that had to be cut count as rows."""
        groups: list[list[Piece]] = []
        size = 0.0
        for piece in pieces:
            if not groups or len(groups[-1]) >= self.rows or size + piece.tokens > self.max_tokens:
                groups.append([])
                size = 0.0
            groups[-1].append(piece)
            size += piece.tokens
        return groups


def _table(piece: Piece) -> tuple[str, str | None, int]:
    """Return what rows of one chunk must have in common; the same for all that is no row."""
    return (piece.block.member, piece.block.sheet, piece.block.table) if piece.is_row else ("", None, -1)
