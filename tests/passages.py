"""Passages and hits for tests of answering."""

from functions.ml.documents import Chunk, IndexedChunk
from functions.ml.ports import Passage, RankedHit, Scope
from shared.contracts.documents import Place

HANDBOOK = (
    "The office in Bern opens at 9:30 and closes at 18:00. Visitors register at the desk on the ground floor. "
    "Employees get 27 days of holiday a year. Acme was founded in 1998 by Jane Miller."
)
PRICES = "Product: Blue lamp | Price: 49.90 | Stock: 12\nProduct: Red chair | Price: 120.00 | Stock: 7"


def passage(text: str = HANDBOOK, n: int = 1, *, kind: str = "text", score: float = 1.0, context: str = "") -> Passage:
    return Passage(n, text, "handbook.pdf", kind, score, context)


def hit(
    text: str = HANDBOOK, *, document_id: str = "doc_1", ordinal: int = 0, filename: str = "handbook.pdf"
) -> RankedHit:
    chunk = Chunk(ordinal, text, "text", Place(unit="page", page=3, start=0, end=len(text)))
    indexed = IndexedChunk(
        f"{document_id}#1#{ordinal}", "t1", "kb_1", document_id, 1, "rel_x", ("tenant:t1",), filename, chunk, ()
    )
    return RankedHit(indexed, 1.0, 5.0, 0.9)


class KeptPassages:
    """Retrieval over a list: gives everything that shares a word with the question; remembers what it was asked."""

    def __init__(self, *hits: RankedHit) -> None:
        self.hits = hits
        self.asked: list[tuple[Scope, str, int]] = []

    def __call__(self, scope: Scope, query: str, *, limit: int) -> list[RankedHit]:
        self.asked.append((scope, query, limit))
        words = {word.strip("?.“”").lower() for word in query.split()}
        found = [item for item in self.hits if words & set(item.indexed.chunk.text.lower().replace(".", " ").split())]
        return found[:limit]
