"""The default strategy: chunks that follow the document's own structure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from functions.ml.documents import Chunk
from functions.ml.ingestion.chunking.cuts import Cuts
from functions.ml.ingestion.chunking.pieces import Piece, apart, chunk_of, pieces_of
from functions.ml.ingestion.chunking.sentences import sentence_spans
from functions.ml.ingestion.text import FullText, full_text
from functions.ml.parsed import ParsedDocument
from shared.contracts.boxes import boxes_between
from shared.kernel.errors import Invalid

_TOP_LEVELS = 2
_OVERLAP_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class StructureChunker:
    """Follows headings, tables, lists and paragraphs, and divides what is longer than a chunk where its topic changes.

    A chunk does not run across a first- or second-level heading when both sides are big enough, leaves no heading
    behind at its end, keeps tables and prose apart unless one of them is tiny, and never mixes sheets or the files of a
    container. A sentence is cut only when it alone is over the target. Rows name their header, so a table may be cut
    between any two.

    Attributes:
        target_tokens: about how large the parts of a long section become, in estimated tokens. Small enough that a hit
            is mostly what was asked for; large enough to be found by more than one of its words.
        max_tokens: size that no part of a long section exceeds; at least `target_tokens + min_tokens`.
        min_tokens: size under which a chunk is merged with its neighbour where there is room.
        overlap_sentences: 0, or 1 to begin a chunk with the last sentence of the one before it.
        whole_tokens: a section, or a text without headings, up to this size stays one chunk: it is one thing that
            somebody wrote down, and search does better on the whole of it. No chunk exceeds it; at least `max_tokens`.
    """

    target_tokens: int = 180
    max_tokens: int = 250
    min_tokens: int = 40
    overlap_sentences: int = 0
    whole_tokens: int = 400

    def __post_init__(self) -> None:
        """Refuse sizes that contradict each other. Raises Invalid (`invalid_chunking`)."""
        fits = 0 < self.min_tokens < self.target_tokens and self.target_tokens + self.min_tokens <= self.max_tokens
        if not fits or self.overlap_sentences not in (0, 1) or self.whole_tokens < self.max_tokens:
            raise Invalid(
                "The chunk sizes contradict each other: min_tokens must be under target_tokens, max_tokens at least "
                "their sum, whole_tokens at least max_tokens, and overlap_sentences 0 or 1.",
                code="invalid_chunking",
            )

    def __call__(self, document: ParsedDocument) -> list[Chunk]:
        """Cut a document; see the `Chunker` port."""
        full = full_text(document)
        overlap = int(self.target_tokens * _OVERLAP_SHARE) if self.overlap_sentences else 0
        groups = self.groups(full.text, self.pieces(document, full, overlap=overlap))
        chunks: list[Chunk] = []
        for ordinal, group in enumerate(groups):
            lead: list[Piece] = []
            if overlap and ordinal and not group[0].level and not group[0].is_row:
                lead = self._overlap(full.text, groups[ordinal - 1][-1], group, overlap)
            chunks.append(chunk_of(ordinal, [*lead, *group], document, full.text, start=(lead or group)[0].start))
        return chunks

    def pieces(self, document: ParsedDocument, full: FullText, *, overlap: int = 0) -> list[Piece]:
        """Return what chunks of this size are packed from; long paragraphs are cut anywhere between two sentences."""
        return pieces_of(
            document, full, whole_tokens=self.target_tokens // 3, most_tokens=self.target_tokens - overlap - 1
        )

    def groups(self, text: str, pieces: Sequence[Piece]) -> list[list[Piece]]:
        """Pack consecutive pieces into chunks; the strategies that look for something else leave the rest to this."""
        cut = Cuts(self.target_tokens, self.max_tokens)
        parts: list[list[Piece]] = []
        for run in self._runs(pieces):
            fits = sum(piece.tokens for piece in run) <= self.whole_tokens
            parts += [run] if fits else cut(text, run)
        return self._merged(parts)

    def _runs(self, pieces: Sequence[Piece]) -> list[list[Piece]]:
        """Part the pieces where a chunk must not go on, whatever its size."""
        sections = _section_tokens(pieces)
        stretches = _run_tokens(pieces)
        runs: list[list[Piece]] = []
        size = 0.0
        for index, piece in enumerate(pieces):
            if not runs or self._parts(runs[-1][-1], size, piece, sections[index], stretches[index]):
                runs.append([])
                size = 0.0
            runs[-1].append(piece)
            size += piece.tokens
        return runs

    def _parts(self, last: Piece, size: float, piece: Piece, section: float, stretch: float) -> bool:
        """Tell whether a run ends before this piece.

        Args:
            last: the piece before it.
            size: tokens of the run so far.
            piece: what comes next.
            section: tokens of the section that the piece opens, 0 when it is no heading.
            stretch: tokens of the rows, or of other blocks, that begin with the piece.
        """
        if apart(last, piece):
            return True
        if last.level or size < self.min_tokens:
            return False
        if piece.level:
            return piece.level <= _TOP_LEVELS and section >= self.min_tokens
        return piece.is_row != last.is_row and stretch >= self.min_tokens

    def _merged(self, groups: list[list[Piece]]) -> list[list[Piece]]:
        """Join chunks that stayed tiny with the one before them where there is room."""
        merged: list[list[Piece]] = []
        above = 0.0
        for group in groups:
            below = sum(piece.tokens for piece in group)
            if merged and self._may_join(merged[-1], above, group, below):
                merged[-1] += group
                above += below
            else:
                merged.append(list(group))
                above = below
        return merged

    def _may_join(self, above: Sequence[Piece], above_tokens: float, below: Sequence[Piece], tokens: float) -> bool:
        small = min(above_tokens, tokens) < self.min_tokens
        return small and not apart(above[-1], below[0]) and above_tokens + tokens <= self.whole_tokens

    def _overlap(self, text: str, before: Piece, group: Sequence[Piece], overlap: int) -> list[Piece]:
        """Return the last sentence before a chunk as a piece when it belongs to the same text and is short."""
        first = group[0]
        if (
            before.is_row
            or before.level
            or apart(before, first)
            or before.path != first.path
            or before.block.page != first.block.page
        ):
            return []
        start = sentence_spans(text, before.start, before.end)[-1][0]
        room = self.whole_tokens - sum(piece.tokens for piece in group)
        # No character is estimated at more than 1.25 tokens.
        if (first.start - start) * 1.25 > room or first.start - start > 8 * overlap:
            return []
        return [replace(before, start=start, boxes=boxes_between(before.boxes, start, before.end))]


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
