"""Writing chunks: bulks of bounded size, and what the engine says of each item."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from functions.ml.adapters.opensearch_index.cluster import NOT_FOUND, PASSING, Cluster, Failed, Json
from functions.ml.adapters.opensearch_index.dialects import Dialect
from functions.ml.adapters.opensearch_index.documents import Document, document_of, refusal
from functions.ml.adapters.opensearch_index.layout import Layout
from functions.ml.documents import IndexedChunk
from functions.ml.ports import ItemFailure

MOST_DOCUMENTS = 500
MOST_CHARACTERS = 4_000_000
VECTOR_CHARACTERS = 14
"""Of one component, about, as it is written."""


class Writer:
    """Writes chunks into the indices of one installation."""

    def __init__(self, cluster: Cluster, layout: Layout, dialect: Dialect) -> None:
        self._cluster = cluster
        self._layout = layout
        self._dialect = dialect

    def write(self, chunks: Sequence[IndexedChunk]) -> list[ItemFailure]:
        """Write chunks of one tenant; the last of those with the same id counts.

        Returns:
            What was not taken. An engine that throttles has taken nothing, for now.

        Raises:
            Unavailable: the engine does not answer.
        """
        failures = [failure for chunk in chunks if (failure := refusal(chunk))]
        hopeless = {failure.chunk_id for failure in failures}
        whole = {chunk.chunk_id: chunk for chunk in chunks if chunk.chunk_id not in hopeless}
        by_release = sorted(whole.values(), key=lambda chunk: chunk.release_id)
        for release_id, kin in groupby(by_release, key=lambda chunk: chunk.release_id):
            failures += self._write_release(release_id, list(kin))
        return failures

    def _write_release(self, release_id: str, chunks: list[IndexedChunk]) -> list[ItemFailure]:
        """Write chunks of one release, whose vectors must be of one length."""
        expected = self._layout.length_of(release_id, len(chunks[0].vector))
        failures = [
            ItemFailure(
                chunk.chunk_id,
                temporary=False,
                reason=f"the vector has {len(chunk.vector)} numbers, those of its release have {expected}",
            )
            for chunk in chunks
            if len(chunk.vector) != expected
        ]
        for batch in _batches([chunk for chunk in chunks if len(chunk.vector) == expected]):
            failures += self._write_batch(release_id, expected, batch)
        return failures

    def _write_batch(self, release_id: str, length: int, documents: list[Document]) -> list[ItemFailure]:
        """Write one bulk; once more when its index was removed meanwhile."""
        items = self._answers(release_id, documents)
        if all(item.get("status") == NOT_FOUND for item in items):
            self._layout.forget()
            self._layout.length_of(release_id, length)
            items = self._answers(release_id, documents)
        return [
            failure for document, item in zip(documents, items, strict=True) if (failure := _failure(document, item))
        ]

    def _answers(self, release_id: str, documents: list[Document]) -> list[Json]:
        """Return what the engine says of each document."""
        alias = self._layout.alias_of(release_id)
        try:
            return self._dialect.write(self._cluster, self._layout.every_index, alias, documents)
        except Failed as failed:
            if failed.status in (429, NOT_FOUND):
                return [{"status": failed.status, "error": {"type": failed.kind}}] * len(documents)
            failed.give_up()


def _failure(document: Document, item: Json) -> ItemFailure | None:
    """Read one item of a bulk's answer; None when the document was taken."""
    status = int(item.get("status", 0))
    if status in (200, 201):
        return None
    error = item.get("error", {})
    reason = f"{error.get('type', 'unknown')} ({status})"
    temporary = status in PASSING or status >= 500 or status == NOT_FOUND  # noqa: PLR2004 - HTTP's own line
    return ItemFailure(document["chunk_id"], temporary=temporary, reason=reason)


def _batches(chunks: Sequence[IndexedChunk]) -> Iterator[list[Document]]:
    """Cut into bulks that an engine takes."""
    batch: list[Document] = []
    size = 0
    for chunk in chunks:
        document = document_of(chunk)
        written = len(document["body"]) + len(document["tokens"]) * 2 + len(chunk.vector) * VECTOR_CHARACTERS
        if batch and (len(batch) == MOST_DOCUMENTS or size + written > MOST_CHARACTERS):
            yield batch
            batch, size = [], 0
        batch.append(document)
        size += written
    if batch:
        yield batch
