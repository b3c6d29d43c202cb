"""Small passages to search by, each read with the whole section that it is from."""

from dataclasses import dataclass

from functions.ml.documents import Chunk
from functions.ml.ingestion.chunking.cuts import Cuts
from functions.ml.ingestion.chunking.pieces import Piece, linked_chunks
from functions.ml.ingestion.chunking.structure import StructureChunker
from functions.ml.ingestion.text import full_text
from functions.ml.parsed import ParsedDocument
from shared.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class ParentChildChunker:
    """Divides each parent, which follows the document's structure, into children.

    Only children are chunks. A parent is the children that follow each other, so that nothing is kept twice.

    Attributes:
        child_tokens: about how large a child is.
        max_child_tokens: size that no child exceeds.
        parent_tokens: about how large the parts of a long section are.
        max_parent_tokens: size that no parent exceeds; a section up to it is one parent.
        min_parent_tokens: size under which a parent is merged with its neighbour where there is room.
    """

    child_tokens: int = 80
    max_child_tokens: int = 120
    parent_tokens: int = 500
    max_parent_tokens: int = 800
    min_parent_tokens: int = 100

    def __post_init__(self) -> None:
        """Refuse sizes that contradict each other. Raises Invalid (`invalid_chunking`)."""
        if not 0 < self.child_tokens <= self.max_child_tokens <= self.parent_tokens:
            raise Invalid(
                "The chunk sizes contradict each other: child_tokens must be at most max_child_tokens, and that at "
                "most parent_tokens.",
                code="invalid_chunking",
            )
        self._parents()

    def __call__(self, document: ParsedDocument) -> list[Chunk]:
        """Cut a document; see the `Chunker` port."""
        full = full_text(document)
        children = StructureChunker(self.child_tokens, 2 * self.max_child_tokens, 1)
        cut = Cuts(self.child_tokens, self.max_child_tokens)
        groups: list[list[Piece]] = []
        links: list[tuple[int, int]] = []
        for parent in self._parents().groups(full.text, children.pieces(document, full)):
            parts = cut(full.text, parent)
            links += [(len(groups), len(groups) + len(parts) - 1)] * len(parts)
            groups += parts
        return linked_chunks(document, full.text, groups, links)

    def _parents(self) -> StructureChunker:
        return StructureChunker(
            self.parent_tokens, self.max_parent_tokens, self.min_parent_tokens, whole_tokens=self.max_parent_tokens
        )
