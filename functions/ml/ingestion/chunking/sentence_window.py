"""Sentences to search by, each read with its neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass

from functions.ml.documents import Chunk
from functions.ml.ingestion.chunking.pieces import Piece, apart, linked_chunks, pieces_of
from functions.ml.ingestion.text import full_text
from functions.ml.parsed import ParsedDocument
from shared.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class SentenceWindowChunker:
    """Makes a chunk of each sentence, row or item, and reads it with those around it when it answers.

    A window never leaves the sheet or the file of a container. A heading is searched with the sentence under it.

    Attributes:
        least_tokens: a sentence shorter than this is joined with the next, for it says nothing alone.
        most_tokens: a sentence longer than this is cut.
        window: how many chunks before and after the one that was found are read with it.
    """

    least_tokens: int = 12
    most_tokens: int = 120
    window: int = 3

    def __post_init__(self) -> None:
        """Refuse sizes that contradict each other. Raises Invalid (`invalid_chunking`)."""
        if not 0 <= self.least_tokens < self.most_tokens or not 0 <= self.window <= 20:  # noqa: PLR2004 - stands in the message
            raise Invalid(
                "The chunk sizes contradict each other: least_tokens must be under most_tokens, and window between 0 "
                "and 20.",
                code="invalid_chunking",
            )

    def __call__(self, document: ParsedDocument) -> list[Chunk]:
        """Cut a document; see the `Chunker` port."""
        full = full_text(document)
        groups = self._groups(pieces_of(document, full, whole_tokens=0, most_tokens=self.most_tokens))
        return linked_chunks(document, full.text, groups, _windows(groups, self.window))

    def _groups(self, pieces: Sequence[Piece]) -> list[list[Piece]]:
        groups: list[list[Piece]] = []
        size = 0.0
        for piece in pieces:
            waits = groups and (size < self.least_tokens or groups[-1][-1].level)
            if waits and size + piece.tokens <= self.most_tokens and not apart(groups[-1][-1], piece):
                groups[-1].append(piece)
                size += piece.tokens
            else:
                groups.append([piece])
                size = piece.tokens
        return groups


def _windows(groups: Sequence[Sequence[Piece]], window: int) -> list[tuple[int, int]]:
    """Return for each chunk the first and the last of its window, inside its sheet and file."""
    opens = 0
    firsts = []
    for index, group in enumerate(groups):
        if index and apart(groups[index - 1][-1], group[0]):
            opens = index
        firsts.append(opens)
    lasts = [len(groups) - 1] * len(groups)
    for index in range(len(groups) - 2, -1, -1):
        lasts[index] = index if firsts[index + 1] == index + 1 else lasts[index + 1]
    return [(max(firsts[n], n - window), min(lasts[n], n + window)) for n in range(len(groups))]
