"""Chunks to the engine's documents and back."""

import hashlib
import json
import math
import re
from base64 import b64decode, b64encode
from dataclasses import asdict, fields
from typing import Any

from functions.ml.documents import Chunk, IndexedChunk, Metadata
from functions.ml.ports import ItemFailure
from functions.ml.retrieval.tokens import document_tokens
from shared.contracts.documents import Place

LONGEST_TERM = 512
VECTOR_DECIMALS = 9
"""Of a component of a vector of norm 1; float32, which the engine keeps, has fewer."""
_HASHED, _CODED = "sha256:", "base64:"
_SURROGATE = re.compile("[\ud800-\udfff]")
_OUTER = tuple(
    field.name for field in fields(IndexedChunk) if field.name not in ("chunk", "vector", "text_key", "metadata")
)

Document = dict[str, Any]


def refusal(chunk: IndexedChunk) -> ItemFailure | None:
    """Say why a chunk cannot be taken by any index, None when it can."""
    if not chunk.vector:
        return ItemFailure(chunk.chunk_id, temporary=False, reason="the chunk has no vector")
    if not all(map(math.isfinite, chunk.vector)):
        return ItemFailure(chunk.chunk_id, temporary=False, reason="the vector holds a number that is not finite")
    return None


def document_of(chunk: IndexedChunk) -> Document:
    """Write a chunk as the mapping has it."""
    told = chunk.metadata
    document = {
        "chunk_id": chunk.chunk_id,
        "tenant_id": chunk.tenant_id,
        "kb_id": chunk.kb_id,
        "document_id": chunk.document_id,
        "generation": chunk.generation,
        "release_id": chunk.release_id,
        "dimensions": len(chunk.vector),
        "readers": terms(chunk.readers),
        "filename": term(chunk.filename),
        "folders": terms(folders_above(told.folder)),
        "format": term(told.format),
        "language": term(told.language),
        "tags": terms(told.tags),
        "tokens": " ".join(document_tokens(f"{chunk.chunk.context}\n{chunk.chunk.text}")),
        "vector": unit_vector(chunk.vector),
        "body": _body_of(chunk),
    }
    if told.date:
        document["date"] = term(told.date)
    if chunk.text_key:
        document["text_key"] = key_term(chunk.text_key)
    return document


def _body_of(chunk: IndexedChunk) -> str:
    """Write a chunk, without its vector, as JSON, and in base64 where it holds lone surrogates.

    The escapes of JSON would not do: two of those that stand side by side become one character when they are read.
    """
    inner = chunk.chunk
    place = {name: value for name, value in inner.place.model_dump().items() if value is not None}
    outer = {name: getattr(chunk, name) for name in _OUTER}
    passage = {"ordinal": inner.ordinal, "text": inner.text, "kind": inner.kind, "context": inner.context}
    body = json.dumps([outer, passage, place, asdict(chunk.metadata)], ensure_ascii=False)
    return body if _is_whole_utf8(body) else _CODED + b64encode(body.encode("utf-8", "surrogatepass")).decode()


def chunk_of(body: str) -> IndexedChunk:
    """Read a chunk, its vector and the key of it left empty."""
    if body.startswith(_CODED):
        body = b64decode(body.removeprefix(_CODED)).decode("utf-8", "surrogatepass")
    outer, passage, place, told = json.loads(body)
    outer["readers"] = tuple(outer["readers"])
    told["tags"] = tuple(told["tags"])
    chunk = Chunk(**passage, place=Place.model_validate(place))
    return IndexedChunk(**outer, chunk=chunk, vector=(), metadata=Metadata(**told))


def unit_vector(values: tuple[float, ...]) -> list[float]:
    """Bring a vector to norm 1, so that an inner product is a cosine; a zero vector stays what it is."""
    norm = math.hypot(*values)
    if not math.isfinite(norm):  # its square is too large for a float
        largest = max(map(abs, values))
        return unit_vector(tuple(value / largest for value in values))
    return [round(value / norm, VECTOR_DECIMALS) for value in values] if norm > 0 else list(values)


def folders_above(folder: str) -> list[str]:
    """Return every folder whose filter keeps what lies in this one, itself among them."""
    closed = f"{folder}/"
    return [closed[:place] for place, character in enumerate(closed) if character == "/"]


def term(value: str) -> str:
    """Return what a filter compares in a value's place: itself, unless the engine could not keep it whole."""
    if len(value) <= LONGEST_TERM and not value.startswith(_HASHED) and _is_whole_utf8(value):
        return value
    return _HASHED + hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def _is_whole_utf8(value: str) -> bool:
    return _SURROGATE.search(value) is None


def terms(values: tuple[str, ...] | list[str]) -> list[str]:
    """Return what a filter compares in place of several values."""
    return [term(value) for value in values]


def key_term(text_key: str) -> str:
    """Return a key of a text as the engine holds it: any text may be one."""
    return hashlib.sha256(text_key.encode("utf-8", "surrogatepass")).hexdigest()[:32]
