"""The default strategy: chunks that follow the document's own structure."""

from collections.abc import Sequence
from dataclasses import dataclass

from functions.ml.documents import Chunk
from functions.ml.ingestion.chunking.pieces import Piece, chunk_of, pieces_of
from functions.ml.ingestion.chunking.sentences import sentence_spans
from functions.ml.ingestion.text import full_text
from functions.ml.parsed import ParsedDocument
from shared.kernel.errors import Invalid

_TOP_LEVELS = 2
_OVERLAP_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class StructureChunker:
    """Packs blocks under the same headings up to a target size.

    A chunk does not run across a first- or second-level heading when both sides are big enough, leaves no heading
    behind at its end, keeps tables and prose apart unless one of them is tiny, and never mixes sheets or the files of a
    container. A sentence is cut only when it alone is over the target. Rows name their header, so a table may be cut
    between any two.

    Attributes:
        target_tokens: size that a chunk grows to, in estimated tokens.
        max_tokens: size that no chunk exceeds; at least `target_tokens + min_tokens`.
        min_tokens: size under which a chunk is merged with its neighbour where there is room.
        overlap_sentences: 0, or 1 to begin a chunk with the last sentence of the one before it.
    """

    target_tokens: int = 280
    max_tokens: int = 400
    min_tokens: int = 60
    overlap_sentences: int = 0

    def __post_init__(self) -> None:
        """Refuse sizes that contradict each other. Raises Invalid (`invalid_chunking`)."""
        fits = 0 < self.min_tokens < self.target_tokens and self.target_tokens + self.min_tokens <= self.max_tokens
        if not fits or self.overlap_sentences not in (0, 1):
            raise Invalid(
                "The chunk sizes contradict each other: min_tokens must be under target_tokens, max_tokens at least "
                "their sum, and overlap_sentences 0 or 1.",
                code="invalid_chunking",
            )

    def __call__(self, document: ParsedDocument) -> list[Chunk]:
        """Cut a document; see the `Chunker` port."""
        full = full_text(document)
        overlap = int(self.target_tokens * _OVERLAP_SHARE) if self.overlap_sentences else 0
        pieces = pieces_of(
            document, full, whole_tokens=self.target_tokens, most_tokens=self.target_tokens - overlap - 1
        )
        groups = self._merged(self._packed(pieces))
        chunks: list[Chunk] = []
        for ordinal, group in enumerate(groups):
            start = group[0].start
            if overlap and ordinal and not group[0].level and not group[0].is_row:
                start = self._overlap_start(full.text, groups[ordinal - 1][-1], group, overlap)
            chunks.append(chunk_of(ordinal, group, document, full.text, start=start))
        return chunks

    def _packed(self, pieces: Sequence[Piece]) -> list[list[Piece]]:
        sections = _section_tokens(pieces)
        runs = _run_tokens(pieces)
        groups: list[list[Piece]] = []
        size = 0.0
        for index, piece in enumerate(pieces):
            following = pieces[index + 1].tokens if piece.level and index + 1 < len(pieces) else 0.0
            if not groups or self._breaks(groups[-1], size, piece, sections[index], runs[index], following):
                groups.append([])
                size = 0.0
            groups[-1].append(piece)
            size += piece.tokens
        return groups

    def _breaks(  # noqa: PLR0917 - one fact each, all of the same place
        self, group: Sequence[Piece], size: float, piece: Piece, section: float, run: float, following: float
    ) -> bool:
        """Tell whether a chunk ends before this piece.

        Args:
            group: the chunk so far.
            size: its tokens.
            piece: what comes next.
            section: tokens of the section that the piece opens, 0 when it is no heading.
            run: tokens of the run of rows, or of other blocks, that begins with the piece.
            following: tokens of what stands under the piece when it is a heading.
        """
        last = group[-1]
        if size + piece.tokens > self.max_tokens or _apart(last, piece):
            return True
        if last.level or size < self.min_tokens:
            return False
        if piece.level:
            apart = piece.level <= _TOP_LEVELS and section >= self.min_tokens
            return apart or size + max(min(section, self.target_tokens), piece.tokens + following) > self.target_tokens
        if piece.is_row != last.is_row and run >= self.min_tokens:
            return True
        return size + piece.tokens > self.target_tokens

    def _merged(self, groups: list[list[Piece]]) -> list[list[Piece]]:
        """Join chunks that stayed tiny with the one before them where there is room."""
        merged: list[list[Piece]] = []
        for group in groups:
            if merged and self._may_join(merged[-1], group):
                merged[-1] = merged[-1] + group
            else:
                merged.append(group)
        return merged

    def _may_join(self, above: Sequence[Piece], below: Sequence[Piece]) -> bool:
        sizes = [sum(piece.tokens for piece in group) for group in (above, below)]
        together = not _apart(above[-1], below[0])
        return together and min(sizes) < self.min_tokens and sum(sizes) <= self.max_tokens

    def _overlap_start(self, text: str, before: Piece, group: Sequence[Piece], overlap: int) -> int:
        """Return the start of the last sentence before a chunk when it belongs to the same text and is short."""
        first = group[0]
        if (
            before.is_row
            or before.level
            or _apart(before, first)
            or before.path != first.path
            or before.block.page != first.block.page
        ):
            return first.start
        start = sentence_spans(text, before.start, before.end)[-1][0]
        room = self.max_tokens - sum(piece.tokens for piece in group)
        # No character is estimated at more than 1.25 tokens.
        return start if (first.start - start) * 1.25 <= room and first.start - start <= 8 * overlap else first.start


def _apart(above: Piece, below: Piece) -> bool:
    """Tell whether two pieces stand on different sheets or in different files of a container."""
    return (above.block.sheet, above.block.member) != (below.block.sheet, below.block.member)


def _section_tokens(pieces: Sequence[Piece]) -> list[float]:
    """Return for each heading the tokens up to the next heading of its level or above; 0 for other pieces."""
    sizes = [0.0] * len(pieces)
    opened: list[tuple[int, float]] = []
    total = 0.0
    for index, piece in enumerate(pieces):
        while piece.level and opened and pieces[opened[-1][0]].level >= piece.level:
            at, before = opened.pop()
            sizes[at] = total - before
        if piece.level:
            opened.append((index, total))
        total += piece.tokens
    for at, before in opened:
        sizes[at] = total - before
    return sizes


def _run_tokens(pieces: Sequence[Piece]) -> list[float]:
    """Return for each piece the tokens from it to the end of its run of rows, or of anything but rows."""
    sizes = [0.0] * len(pieces)
    for index in range(len(pieces) - 1, -1, -1):
        same = index + 1 < len(pieces) and pieces[index].is_row == pieces[index + 1].is_row
        sizes[index] = pieces[index].tokens + (sizes[index + 1] if same else 0.0)
    return sizes
