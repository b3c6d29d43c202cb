"""Each question with its answer; everything else by its structure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from functions.ml.documents import Chunk
from functions.ml.ingestion.chunking.cuts import Cuts
from functions.ml.ingestion.chunking.pieces import Piece, linked_chunks, pieces_of
from functions.ml.ingestion.chunking.questions import pairs
from functions.ml.ingestion.chunking.structure import StructureChunker
from functions.ml.ingestion.text import full_text
from functions.ml.parsed import Block, ParsedDocument
from shared.kernel.errors import Invalid

Link = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class QuestionAnswerChunker:
    """Makes a chunk of each question with its answer.

    Questions are headings, paragraphs and items that end with a question mark or begin with `Q:`, and rows under
    columns named for question and answer. A pair that is too long is divided, and its parts are read together.

    Attributes:
        max_pair_tokens: size that no part of a pair exceeds.
        prose_tokens: about how large the parts of long sections are that belong to no question.
        max_prose_tokens: size that no part of a long section exceeds.
        whole_prose_tokens: a section up to this size stays whole; no chunk of prose exceeds it.
        min_prose_tokens: size under which a chunk without a question is merged with its neighbour where there is room.
    """

    max_pair_tokens: int = 400
    prose_tokens: int = 180
    max_prose_tokens: int = 250
    whole_prose_tokens: int = 400
    min_prose_tokens: int = 40

    def __post_init__(self) -> None:
        """Refuse sizes that contradict each other. Raises Invalid (`invalid_chunking`)."""
        if self.max_pair_tokens < self.prose_tokens:
            raise Invalid(
                "The chunk sizes contradict each other: max_pair_tokens must be at least prose_tokens.",
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
            row_tokens=self.max_pair_tokens,
        )
        groups: list[list[Piece]] = []
        links: list[Link] = []
        for stretch, together in _stretches(pieces):
            cut = Cuts(self.max_pair_tokens, self.max_pair_tokens) if together else self._prose().groups
            parts = cut(full.text, stretch)
            link = (len(groups), len(groups) + len(parts) - 1) if together else None
            links += [link] * len(parts)
            groups += parts
        return linked_chunks(document, full.text, groups, links)

    def _prose(self) -> StructureChunker:
        return StructureChunker(
            self.prose_tokens, self.max_prose_tokens, self.min_prose_tokens, whole_tokens=self.whole_prose_tokens
        )


def _stretches(pieces: Sequence[Piece]) -> Iterator[tuple[list[Piece], bool]]:
    """Yield the pieces of each pair, and those between two pairs; says which."""
    blocks: list[Block] = []
    begins: list[int] = []
    for index, piece in enumerate(pieces):
        if not index or piece.block is not pieces[index - 1].block:
            blocks.append(piece.block)
            begins.append(index)
    begins.append(len(pieces))
    done = 0
    for first, end in pairs(blocks):
        start, stop = begins[first], begins[end]
        if done < start:
            yield list(pieces[done:start]), False
        yield list(pieces[start:stop]), True
        done = stop
    if done < len(pieces):
        yield list(pieces[done:]), False
