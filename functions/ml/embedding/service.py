"""Embed one part of a generation, index it, and flip the live generation when it was the last."""

import contextlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from functions.ml.documents import Chunk, IndexedChunk, Metadata, chunk_id
from functions.ml.embedding.publishing import PublishGeneration
from functions.ml.embedding.reuse import embed_passages
from functions.ml.ports import Embedder, ItemFailure, ObjectStore, SearchIndex
from functions.ml.storage import load_chunks
from shared.contracts.events import DocumentChunked
from shared.contracts.registry import DocumentRow
from shared.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from shared.registry.ports import Registry
from shared.registry.transitions import extend

Outcome = Literal["embedded", "published", "superseded", "repeated"]


@dataclass(frozen=True)
class EmbedPart:
    """One message: the part's chunks become vectors and index entries of their generation.

    Attributes:
        pause: waits that many seconds.
        jitter: gives numbers in [0, 1), so that workers that were throttled together do not come back together.
        tries: attempts of a bulk write whose items were throttled, with jittered doubling pauses between.
    """

    registry: Registry
    artifacts: ObjectStore
    index: SearchIndex
    embedder_for: Callable[[str], Embedder]
    publish: PublishGeneration
    pause: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random
    tries: int = 4

    def __call__(self, event: DocumentChunked) -> Outcome:
        """Process one part.

        Raises:
            Unavailable: the model, the index or a store does not answer; deliver the message again later.
            Rejected: the document can never be embedded; the caller fails it.
        """
        row = self.registry.document(event.tenant_id, event.kb_id, event.document_id)
        if row is None or row.generation != event.generation or row.status not in ("EMBEDDING", "READY"):
            return "superseded"
        if event.part in row.parts_done:  # a worker that died after its write left the flip or the collection undone
            return "published" if self.publish(row) else "repeated"
        try:
            chunks = load_chunks(self.artifacts.read(event.part_key))
        except NotFound:
            return "superseded"  # parts are removed only once their generation is live, deleted or overtaken
        self._write(self._indexed(row, chunks))
        if self.publish.with_last(row, event.part):
            return "published"
        try:
            row = self.registry.add_part(row, event.part)
        except Conflict:
            return "superseded"  # what was written stays invisible (rule 8) and is collected (rules 4, 7, 10)
        return "published" if self.publish(row) else "embedded"

    def await_neighbour(self, event: DocumentChunked, error: Unavailable) -> None:
        """Show people what the document waits for, and give it time; losing this write to progress is fine."""
        with contextlib.suppress(Conflict, Unavailable):  # the registry itself may be what does not answer
            row = self.registry.document(event.tenant_id, event.kb_id, event.document_id)
            if row is None or row.generation != event.generation or row.status != "EMBEDDING":
                return
            self.registry.replace_document(
                row, extend(row, reason=error.message, code=error.code, now=self.publish.clock())
            )

    def _indexed(self, row: DocumentRow, chunks: list[Chunk]) -> list[IndexedChunk]:
        texts = [f"{chunk.context}\n{chunk.text}" if chunk.context else chunk.text for chunk in chunks]
        embedded = embed_passages(self.embedder_for(row.release_id), self.index, row.tenant_id, texts)
        metadata = Metadata(
            folder=row.folder, format=row.format, language=row.language, date=row.modified_on, tags=row.tags
        )
        return [
            IndexedChunk(
                chunk_id=chunk_id(row.document_id, row.generation, chunk.ordinal),
                tenant_id=row.tenant_id,
                kb_id=row.kb_id,
                document_id=row.document_id,
                generation=row.generation,
                release_id=row.release_id,
                readers=row.readers,
                filename=row.filename,
                chunk=chunk,
                vector=vector,
                text_key=key,
                metadata=metadata,
            )
            for chunk, (key, vector) in zip(chunks, embedded, strict=True)
        ]

    def _write(self, chunks: list[IndexedChunk]) -> None:
        """Write a bulk and read its answer item by item (rule 5): throttled items again, refused ones fail."""
        waiting = chunks
        for attempt in range(self.tries):
            failures = self.index.upsert(waiting)
            refused = [failure for failure in failures if not failure.temporary]
            if refused:
                raise _refusal(refused)
            if not failures:
                return
            again = {failure.chunk_id for failure in failures}
            waiting = [chunk for chunk in waiting if chunk.chunk_id in again]
            self.pause((0.5 + self.jitter() / 2) * 0.1 * 2**attempt)
        raise Unavailable(
            f"The search index does not take {len(waiting)} passages right now; they will be written later.",
            code="index_throttled",
        )


def _refusal(refused: list[ItemFailure]) -> Invalid:
    return Invalid(
        f"The search index refuses {len(refused)} passages of this document ({refused[0].reason}).",
        code="index_refused",
    )
