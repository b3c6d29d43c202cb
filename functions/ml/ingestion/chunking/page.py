"""One chunk per page, slide or sheet."""

from dataclasses import dataclass
from itertools import groupby

from functions.ml.documents import Chunk
from functions.ml.ingestion.chunking.cuts import Cuts
from functions.ml.ingestion.chunking.pieces import Piece, chunks_of, pieces_of
from functions.ml.ingestion.chunking.structure import StructureChunker
from functions.ml.ingestion.text import full_text
from functions.ml.parsed import ParsedDocument
from shared.kernel.errors import Invalid

_PIECE_TOKENS = 60


@dataclass(frozen=True, slots=True)
class PageChunker:
    """Makes a chunk of each page, slide or sheet; files without pages are cut by their structure.

    What goes on over a page's end belongs to the page that it begins on. An embedding model sees only the first few
    hundred tokens of a long page, words are found in all of it.

    Attributes:
        max_tokens: a page over this size is divided evenly.
        target_tokens: about how large the parts of a long section are in a file without pages.
    """

    max_tokens: int = 2000
    target_tokens: int = 180

    def __post_init__(self) -> None:
        """Refuse sizes that contradict each other. Raises Invalid (`invalid_chunking`)."""
        if not _PIECE_TOKENS <= self.target_tokens <= self.max_tokens:
            raise Invalid(
                f"The chunk sizes contradict each other: target_tokens must be at least {_PIECE_TOKENS} and at most "
                "max_tokens.",
                code="invalid_chunking",
            )

    def __call__(self, document: ParsedDocument) -> list[Chunk]:
        """Cut a document; see the `Chunker` port."""
        full = full_text(document)
        pieces = pieces_of(
            document,
            full,
            whole_tokens=_PIECE_TOKENS,
            most_tokens=self.target_tokens - 1,
            row_tokens=self.target_tokens,
        )
        divide = Cuts(self.max_tokens, self.max_tokens)
        groups: list[list[Piece]] = []
        for page, run in groupby(pieces, key=_page):
            stretch = list(run)
            groups += (
                self._sections().groups(full.text, stretch) if page[1:] == (None, None) else divide(full.text, stretch)
            )
        return chunks_of(document, full.text, groups)

    def _sections(self) -> StructureChunker:
        most = self.target_tokens * 4 // 3 + 10
        return StructureChunker(self.target_tokens, most, self.target_tokens // 4, whole_tokens=most)


def _page(piece: Piece) -> tuple[str, str | None, int | None]:
    return piece.block.member, piece.block.sheet, piece.block.page
