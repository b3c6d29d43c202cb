"""A search index in memory: the port's semantics in the fewest words, nothing fast."""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from functions.ml.documents import IndexedChunk
from functions.ml.ports import Candidates, Hit, ItemFailure, Scope, StoredGeneration, Vector
from functions.ml.retrieval.tokens import document_tokens, query_tokens
from shared.kernel.errors import Invalid


class MemorySearchIndex:
    """Chunks by tenant and id."""

    def __init__(self) -> None:
        self.held: dict[str, dict[str, IndexedChunk]] = {}

    def upsert(self, chunks: Sequence[IndexedChunk]) -> list[ItemFailure]:
        if len({chunk.tenant_id for chunk in chunks}) > 1:
            raise Invalid("One write to the search index must be of one tenant.", code="mixed_tenants")
        failures = []
        for chunk in chunks:
            if not chunk.vector or not all(map(math.isfinite, chunk.vector)):
                failures.append(
                    ItemFailure(chunk.chunk_id, temporary=False, reason="the vector is empty or not finite")
                )
                continue
            held = self.held.setdefault(chunk.tenant_id, {})
            kin = (other for other in held.values() if other.release_id == chunk.release_id)
            if any(len(other.vector) != len(chunk.vector) for other in kin):
                failures.append(ItemFailure(chunk.chunk_id, temporary=False, reason="the vector has another length"))
                continue
            held[chunk.chunk_id] = chunk
        return failures

    def _of(self, tenant_id: str) -> list[IndexedChunk]:
        return list(self.held.get(tenant_id, {}).values())

    def vectors(self, tenant_id: str, text_keys: Collection[str]) -> dict[str, Vector]:
        wanted = set(text_keys) - {""}
        return {chunk.text_key: chunk.vector for chunk in self._of(tenant_id) if chunk.text_key in wanted}

    def count(self, tenant_id: str, document_id: str, generation: int | None) -> int:
        kin = (chunk for chunk in self._of(tenant_id) if chunk.document_id == document_id)
        return sum(generation in (None, chunk.generation) for chunk in kin)

    def delete(self, tenant_id: str, document_id: str, *, through_generation: int, from_generation: int = 0) -> int:
        gone = [
            chunk.chunk_id
            for chunk in self._of(tenant_id)
            if chunk.document_id == document_id and from_generation <= chunk.generation <= through_generation
        ]
        for chunk_id in gone:
            del self.held[tenant_id][chunk_id]
        return len(gone)

    def search(
        self, scope: Scope, *, text: str, vector: Vector | None, limit: int, releases: Collection[str] | None = None
    ) -> Candidates:
        every = self._of(scope.tenant_id)
        seen = [chunk for chunk in every if _sees(scope, chunk)]
        compared = [chunk for chunk in seen if releases is None or chunk.release_id in releases]
        lexical = _bm25(query_tokens(text), every)
        return Candidates(
            _best([Hit(chunk, lexical[chunk.chunk_id]) for chunk in seen if lexical[chunk.chunk_id] > 0], limit),
            _best([Hit(chunk, _cosine(chunk.vector, vector)) for chunk in compared], limit) if vector else (),
        )

    def chunks(self, scope: Scope, chunk_ids: Collection[str]) -> dict[str, IndexedChunk]:
        kept = [chunk for chunk in self._of(scope.tenant_id) if chunk.chunk_id in chunk_ids and _sees(scope, chunk)]
        return {chunk.chunk_id: replace(chunk, vector=(), text_key="") for chunk in kept}

    def releases(self, tenant_id: str, kb_ids: Sequence[str]) -> frozenset[str]:
        return frozenset(chunk.release_id for chunk in self._of(tenant_id) if chunk.kb_id in kb_ids)

    def generations(self, tenant_id: str) -> Iterator[StoredGeneration]:
        counts = Counter((chunk.kb_id, chunk.document_id, chunk.generation) for chunk in self._of(tenant_id))
        return (StoredGeneration(*key, chunks) for key, chunks in sorted(counts.items()))

    def tenants(self) -> list[str]:
        return sorted(tenant_id for tenant_id, chunks in self.held.items() if chunks)


def _sees(scope: Scope, chunk: IndexedChunk) -> bool:
    may_read = not set(scope.readers).isdisjoint(chunk.readers)
    return chunk.kb_id in scope.kb_ids and may_read and scope.filters.keep(chunk)


def _best(hits: list[Hit], limit: int) -> tuple[Hit, ...]:
    ordered = sorted(hits, key=lambda hit: (-hit.score, hit.indexed.chunk_id))[:limit]
    return tuple(replace(hit, indexed=replace(hit.indexed, vector=(), text_key="")) for hit in ordered)


def _cosine(one: Vector, other: Vector) -> float:
    if len(one) != len(other):
        raise Invalid("The query's vector has another length than the index.", code="dimension_mismatch")
    norms = math.hypot(*one) * math.hypot(*other)
    return round(sum(a * b for a, b in zip(one, other, strict=True)) / norms, 6) if norms else 0.0


def _bm25(query: list[str], chunks: list[IndexedChunk], k1: float = 1.5, b: float = 0.75) -> dict[str, float]:
    """BM25 with Lucene's idf, which is never below 0."""
    counted = {
        chunk.chunk_id: Counter(document_tokens(f"{chunk.chunk.context}\n{chunk.chunk.text}")) for chunk in chunks
    }
    mean = sum(counts.total() for counts in counted.values()) / max(1, len(counted))
    holding = {token: sum(token in counts for counts in counted.values()) for token in query}
    idf = {token: math.log(1 + (len(chunks) - n + 0.5) / (n + 0.5)) for token, n in holding.items()}

    def score(counts: Counter[str]) -> float:
        damp = k1 * (1 - b + b * counts.total() / mean) if mean else k1
        return sum(idf[token] * counts[token] * (k1 + 1) / (counts[token] + damp) for token in query)

    return {chunk_id: score(counts) for chunk_id, counts in counted.items()}
