"""Chunks to rows and back."""

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from functions.ml.documents import Chunk, IndexedChunk
from functions.ml.retrieval.tokens import document_tokens
from shared.contracts.documents import Place

if TYPE_CHECKING:
    import numpy as np

_OUTER_FIELDS = tuple(field.name for field in fields(IndexedChunk) if field.name not in ("chunk", "vector", "text_key"))


def body_of(chunk: IndexedChunk) -> str:
    """Write a chunk, without its vector, as ASCII JSON (which keeps even lone surrogates)."""
    inner = chunk.chunk
    place = {name: value for name, value in inner.place.model_dump().items() if value is not None}
    outer = {name: getattr(chunk, name) for name in _OUTER_FIELDS}
    passage = {"ordinal": inner.ordinal, "text": inner.text, "kind": inner.kind, "context": inner.context}
    return json.dumps([outer, passage, place])


def chunk_of(body: str) -> IndexedChunk:
    """Read a chunk, its vector and the key of it left empty."""
    outer: dict[str, Any]
    passage: dict[str, Any]
    outer, passage, place = json.loads(body)
    outer["readers"] = tuple(outer["readers"])
    return IndexedChunk(**outer, chunk=Chunk(**passage, place=Place.model_validate(place)), vector=())


def tokens_of(chunk: IndexedChunk) -> str:
    """Join the tokens a chunk is found by: those of its heading context and of its text."""
    return " ".join(document_tokens(f"{chunk.chunk.context}\n{chunk.chunk.text}"))


def unit_vector(values: tuple[float, ...]) -> "np.ndarray":
    """Bring a vector to float32 and norm 1, so that a dot product is a cosine; a zero vector stays what it is."""
    import numpy as np

    vector = np.asarray(values, dtype=np.float64)
    norm = float(np.linalg.norm(vector))
    return (vector / norm if norm > 0 else vector).astype(np.float32)
