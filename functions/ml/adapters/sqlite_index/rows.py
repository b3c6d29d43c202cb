"""Chunks to rows and back."""

import json
from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from functions.ml.documents import Chunk, IndexedChunk, Metadata
from functions.ml.retrieval.tokens import document_tokens
from shared.contracts.documents import Place

if TYPE_CHECKING:
    import numpy as np

_ELSEWHERE = ("chunk", "vector", "text_key", "metadata")
_OUTER_FIELDS = tuple(field.name for field in fields(IndexedChunk) if field.name not in _ELSEWHERE)
EDITION_FIELDS = "edition.folder, edition.format, edition.language, edition.date, edition.tags"


def body_of(chunk: IndexedChunk) -> str:
    """Write a chunk, without its vector and its metadata, as ASCII JSON (which keeps even lone surrogates)."""
    inner = chunk.chunk
    place = {name: value for name, value in inner.place.model_dump().items() if value is not None}
    outer = {name: getattr(chunk, name) for name in _OUTER_FIELDS}
    passage = {"ordinal": inner.ordinal, "text": inner.text, "kind": inner.kind, "context": inner.context}
    return json.dumps([outer, passage, place])


def chunk_of(body: str, edition: Sequence[Any]) -> IndexedChunk:
    """Read a chunk, its vector and the key of it left empty; `edition` holds the values of `EDITION_FIELDS`."""
    outer: dict[str, Any]
    passage: dict[str, Any]
    outer, passage, place = json.loads(body)
    outer["readers"] = tuple(outer["readers"])
    inner = Chunk(**passage, place=Place.model_validate(place))
    return IndexedChunk(**outer, chunk=inner, vector=(), metadata=_metadata(edition))


def _metadata(edition: Sequence[Any]) -> Metadata:
    """Read what an edition tells."""
    *stored, tags = edition
    folder, format_, language, date = (value.decode("utf-8", "surrogatepass") for value in stored)
    return Metadata(folder, format_, language, date, tuple(json.loads(tags)))


def stored_text(text: str) -> bytes:
    """Return any text as bytes that order as it does: UTF-8, lone surrogates let through."""
    return text.encode("utf-8", "surrogatepass")


def tokens_of(chunk: IndexedChunk) -> str:
    """Join the tokens a chunk is found by: those of its heading context and of its text."""
    return " ".join(document_tokens(f"{chunk.chunk.context}\n{chunk.chunk.text}"))


def unit_vector(values: tuple[float, ...]) -> "np.ndarray":
    """Bring a vector to float32 and norm 1, so that a dot product is a cosine; a zero vector stays what it is."""
    import numpy as np

    vector = np.asarray(values, dtype=np.float64)
    norm = float(np.linalg.norm(vector))
    return (vector / norm if norm > 0 else vector).astype(np.float32)
