"""The plain strategy: windows of one size over the text, with overlap, blind to structure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from functions.ml.documents import Chunk
from functions.ml.ingestion.chunking.pieces import Piece, boxes_of, chunk_of, heading_paths
from functions.ml.ingestion.chunking.sentences import cut_to_size
from functions.ml.ingestion.text import FullText, full_text
from functions.ml.parsed import ParsedDocument
from functions.ml.token_estimates import estimate_tokens
from shared.contracts.boxes import boxes_between
from shared.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class FixedChunker:
    """Cuts windows of at most `size_tokens`, each beginning about `overlap_tokens` before the end of the last.

    The files of a container are cut each by itself.

    Attributes:
        size_tokens: most estimated tokens of a chunk.
        overlap_tokens: what neighbours share, under half of the size.
    """

    size_tokens: int = 200
    overlap_tokens: int = 40

    def __post_init__(self) -> None:
        """Refuse sizes that contradict each other. Raises Invalid (`invalid_chunking`)."""
        if self.size_tokens < 1 or not 0 <= self.overlap_tokens <= self.size_tokens // 2:
            raise Invalid(
                "The chunk sizes contradict each other: overlap_tokens must be at most half of size_tokens.",
                code="invalid_chunking",
            )

    def __call__(self, document: ParsedDocument) -> list[Chunk]:
        """Cut a document; see the `Chunker` port."""
        full = full_text(document)
        filled = [index for index, (start, end) in enumerate(full.spans) if start < end]
        starts = [full.spans[index][0] for index in filled]
        ends = [full.spans[index][1] for index in filled]
        paths = heading_paths(document.blocks)
        chunks = []
        for ordinal, (start, end) in enumerate(self._all_windows(document, full)):
            touched = filled[bisect_right(ends, start) : bisect_left(starts, end)]
            pieces = []
            for index in touched:
                left, right = max(full.spans[index][0], start), min(full.spans[index][1], end)
                tokens = estimate_tokens(full.text[left:right])
                boxes = boxes_between(boxes_of(document.blocks[index], full.spans[index][0]), left, right)
                pieces.append(Piece(left, right, tokens, document.blocks[index], paths[index], boxes))
            chunks.append(chunk_of(ordinal, pieces, document, full.text, start=start))
        return chunks

    def _all_windows(self, document: ParsedDocument, full: FullText) -> Iterator[tuple[int, int]]:
        spans = [(block.member, span) for block, span in zip(document.blocks, full.spans, strict=True)]
        for _, run in groupby(spans, key=itemgetter(0)):
            filled = [span for _, span in run if span[0] < span[1]]
            if filled:
                yield from self._windows(full.text, filled[0][0], filled[-1][1])

    def _windows(self, text: str, position: int, end: int) -> Iterator[tuple[int, int]]:
        while position < end:
            window = next(cut_to_size(text, position, end, self.size_tokens), None)
            if window is None:
                return
            yield window
            if window[1] >= end:
                return
            position = max(self._next_start(text, *window), position + 1)

    def _next_start(self, text: str, start: int, end: int) -> int:
        """Return a position after a space, about the overlap before the end; the end itself without overlap."""
        if not self.overlap_tokens:
            return end
        share = self.overlap_tokens / max(estimate_tokens(text[start:end]), 1.0)
        wanted = max(end - int((end - start) * min(share, 0.5)), start + 1)
        space = text.find(" ", wanted, end)
        return space + 1 if space >= 0 else wanted
