"""Where things lie in the buckets, and what a part file holds. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args
from urllib.parse import unquote

from functions.ml.documents import Chunk, ChunkKind
from shared.contracts.documents import Place
from shared.contracts.registry import DocumentRow

DOCUMENTS = "documents/"
INBOX = "inbox/"
MANIFESTS = "knowledge-bases/"
PARTS = "parts/"
VIEWS = "views/"
_KINDS = frozenset(get_args(ChunkKind))


@dataclass(frozen=True, slots=True)
class UploadedObject:
    """A key of an announced upload: `documents/<tenant>/<kb>/<document>/source`."""

    tenant_id: str
    kb_id: str
    document_id: str


@dataclass(frozen=True, slots=True)
class InboxObject:
    """A key dropped by another system: `inbox/<tenant>/<knowledge base id or name>/<path>`."""

    tenant_id: str
    kb: str
    path: str


def parse_key(key: str) -> UploadedObject | InboxObject | None:
    """Tell what an object key stands for; None for keys that are no documents (folders among them)."""
    match key.split("/"):
        case ["documents", tenant_id, kb_id, document_id, "source"] if tenant_id and kb_id and document_id:
            return UploadedObject(tenant_id, kb_id, document_id)
        case ["inbox", tenant_id, kb, *path] if tenant_id and kb and path and path[-1]:
            return InboxObject(tenant_id, unquote(kb), "/".join(path))
    return None


def part_prefix(row: DocumentRow) -> str:
    """Return the folder of all generations' parts of a document."""
    return f"{PARTS}{row.tenant_id}/{row.kb_id}/{row.document_id}/"


def part_key(row: DocumentRow, part: int) -> str:
    """Return the key of one part of the row's generation."""
    return f"{part_prefix(row)}{row.generation:06d}/{part:05d}.json"


def next_generation_prefix(row: DocumentRow) -> str:
    """Return the folder of the generation after the row's: keys that sort before it are of this one or older."""
    return f"{part_prefix(row)}{row.generation + 1:06d}/"


def view_prefix(row: DocumentRow) -> str:
    """Return the folder of what is kept to draw a document, of all its generations."""
    return f"{VIEWS}{row.tenant_id}/{row.kb_id}/{row.document_id}/"


def view_key(row: DocumentRow, generation: int, name: str) -> str:
    """Return the key of a file of one generation's view: see `view_files.py`."""
    return f"{view_prefix(row)}{generation:06d}/{name}.json"


@dataclass(frozen=True, slots=True)
class PartObject:
    """A key of a part or of a view: the document as (tenant_id, kb_id, document_id), and the generation."""

    document: tuple[str, str, str]
    generation: int


def parse_part_key(key: str) -> PartObject | None:
    """Read what `part_key` or `view_key` wrote; None for any other key."""
    match key.split("/"):
        case ["parts" | "views", tenant_id, kb_id, document_id, generation, _] if generation.isdecimal():
            return PartObject((tenant_id, kb_id, document_id), int(generation))
    return None


def manifest_key(tenant_id: str, kb_id: str) -> str:
    """Return the key of a knowledge base's manifest, from which a lost registry is rebuilt."""
    return f"{MANIFESTS}{tenant_id}/{kb_id}.json"


def dump_chunks(chunks: Sequence[Chunk]) -> bytes:
    """Write chunks as one JSON array."""
    return json.dumps([chunk_fields(chunk) for chunk in chunks], ensure_ascii=False).encode()


def load_chunks(body: bytes) -> list[Chunk]:
    """Read what `dump_chunks` wrote."""
    return [chunk_from(fields) for fields in json.loads(body)]


def chunk_fields(chunk: Chunk) -> dict[str, Any]:
    """Return a chunk as JSON can carry it."""
    return {
        "ordinal": chunk.ordinal,
        "text": chunk.text,
        "kind": chunk.kind,
        "context": chunk.context,
        "place": chunk.place.model_dump(exclude_defaults=True),
    }


def chunk_from(fields: Mapping[str, Any]) -> Chunk:
    """Return the chunk that `chunk_fields` wrote.

    Raises:
        KeyError, TypeError, ValueError: these are no fields of a chunk.
    """
    text, kind, context = fields["text"], fields["kind"], fields["context"]
    if not isinstance(text, str) or not isinstance(context, str) or kind not in _KINDS:
        raise TypeError("not the fields of a chunk")
    return Chunk(int(fields["ordinal"]), text, kind, Place.model_validate(fields["place"]), context)
