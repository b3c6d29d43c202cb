"""Made-up chunks: everything has a plain default, a test names what it is about."""

from collections.abc import Sequence

from functions.ml.documents import Chunk, IndexedChunk, chunk_id
from shared.contracts.documents import Place

TENANT = "tenant-1"
EVERYBODY = "tenant:tenant-1"


def make_chunk(
    text: str = "a passage",
    *,
    tenant_id: str = TENANT,
    kb_id: str = "kb-1",
    document_id: str = "doc-1",
    generation: int = 1,
    ordinal: int = 0,
    release_id: str = "release-1",
    readers: tuple[str, ...] = (EVERYBODY,),
    context: str = "",
    vector: Sequence[float] = (1.0, 0.0, 0.0),
) -> IndexedChunk:
    """Make one chunk as the index takes it."""
    place = Place(unit="page", page=1, page_end=1, heading_path=("Chapter", "Part"), start=0, end=len(text))
    return IndexedChunk(
        chunk_id=chunk_id(document_id, generation, ordinal),
        tenant_id=tenant_id,
        kb_id=kb_id,
        document_id=document_id,
        generation=generation,
        release_id=release_id,
        readers=readers,
        filename=f"{document_id}.pdf",
        chunk=Chunk(ordinal=ordinal, text=text, kind="text", place=place, context=context),
        vector=tuple(vector),
    )


def make_chunks(texts: Sequence[str], **same: str) -> list[IndexedChunk]:
    """Make one chunk per text, all of one document, in order."""
    return [make_chunk(text, ordinal=n, **same) for n, text in enumerate(texts)]  # type: ignore[arg-type]
