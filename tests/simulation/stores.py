"""The ports in memory: each effect is a step of the scheduler, and what AWS does in several calls is several steps."""

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from functions.application.domain.records import ActivityRow, NameClaim
from functions.ml.documents import IndexedChunk, ParsedDocument
from functions.ml.ports import (
    Candidates,
    Hit,
    ItemFailure,
    ObjectVersion,
    Purpose,
    Scope,
    StoredGeneration,
    StoredObject,
    Vector,
)
from functions.ml.recognised import RECOGNISER, PagePicture, RecognisedPage
from shared.contracts.registry import DocumentRow, KnowledgeBaseRow, Status
from shared.kernel.clock import isoformat
from shared.kernel.errors import Conflict, Invalid, NotFound, TooLarge
from shared.registry.transitions import PROGRESS_WINDOWS
from tests.fakes.control_store import MemoryControlStore
from tests.fakes.parser import LineParser
from tests.fakes.recognition import TextRecogniser
from tests.fakes.registry import MemoryRegistry
from tests.simulation.scheduler import Scheduler

T = TypeVar("T")
PAGE = 5
TOLD = ("reason", "code", "waiting_since", "updated_at", "deadline", "revision")
"""Fields of a document's row that only say what is waited for: no search depends on them, and in an outage they are
written again and again."""
CONSTANT: Vector = (1.0, 0.0)
POISON = {
    b"!password": ("password_protected", "The file is locked with a password. Remove it and upload the file again."),
    b"!unreadable": ("unreadable", "The file is broken. Save it again and upload it."),
    b"!bomb": ("zip_bomb", "The file unpacks to far more than it holds. Upload its content without the archive."),
}


@dataclass
class Touched:
    """Which knowledge bases may look different to a searcher since the last check: pairs (tenant, knowledge base)."""

    pairs: dict[tuple[str, str], None] = field(default_factory=dict)

    def add(self, tenant_id: str, kb_id: str) -> None:
        """Note one; the order is the order of the changes."""
        self.pairs[tenant_id, kb_id] = None


class SteppedRegistry:
    """The Registry port; a scan comes page by page, and a change of what people see is noted."""

    def __init__(self, scheduler: Scheduler, touched: Touched, clock: Callable[[], datetime]) -> None:
        self.plain = MemoryRegistry()
        self._scheduler = scheduler
        self._touched = touched
        self._clock = clock

    def _read(self, what: str, act: Callable[[], T]) -> T:
        return self._scheduler.step("registry", what, act)

    def _write(self, what: str, act: Callable[[], T]) -> T:
        return self._scheduler.step("registry", what, act, is_write=True)

    def knowledge_base(self, tenant_id: str, kb_id: str) -> KnowledgeBaseRow | None:
        return self._read(f"registry: read {kb_id}", lambda: self.plain.knowledge_base(tenant_id, kb_id))

    def knowledge_bases(self, tenant_id: str) -> list[KnowledgeBaseRow]:
        return self._read(f"registry: list {tenant_id}", lambda: self.plain.knowledge_bases(tenant_id))

    def create_knowledge_base(self, row: KnowledgeBaseRow) -> None:
        def act() -> None:
            self.plain.create_knowledge_base(row)
            self._touched.add(row.tenant_id, row.kb_id)

        self._write(f"registry: create {row.kb_id}", act)

    def replace_knowledge_base(self, old: KnowledgeBaseRow, new: KnowledgeBaseRow) -> KnowledgeBaseRow:
        def act() -> KnowledgeBaseRow:
            self._touched.add(old.tenant_id, old.kb_id)
            return self.plain.replace_knowledge_base(old, new)

        return self._write(f"registry: change {old.kb_id}{' deleting' if new.deleting else ''}", act)

    def remove_knowledge_base(self, row: KnowledgeBaseRow) -> None:
        def act() -> None:
            self._touched.add(row.tenant_id, row.kb_id)
            self.plain.remove_knowledge_base(row)

        self._write(f"registry: remove {row.kb_id}", act)

    def document(self, tenant_id: str, kb_id: str, document_id: str) -> DocumentRow | None:
        return self._read(
            f"registry: read {short(document_id)}", lambda: self.plain.document(tenant_id, kb_id, document_id)
        )

    def documents(self, tenant_id: str, keys: Collection[tuple[str, str]]) -> dict[str, DocumentRow]:
        return self._read("registry: read many", lambda: self.plain.documents(tenant_id, sorted(keys)))

    def create_document(self, row: DocumentRow) -> None:
        self._write(f"registry: create {short(row.document_id)}", lambda: self.plain.create_document(row))

    def replace_document(self, old: DocumentRow, new: DocumentRow) -> DocumentRow:
        what = f"registry: {short(old.document_id)} {old.status} g{old.generation} -> {new.status} g{new.generation}"

        def act() -> DocumentRow:
            if old.model_copy(update={name: getattr(new, name) for name in TOLD}) != new:
                self._touched.add(old.tenant_id, old.kb_id)
            return self.plain.replace_document(old, new)

        return self._write(what, act)

    def remove_document(self, row: DocumentRow) -> None:
        def act() -> None:
            self._touched.add(row.tenant_id, row.kb_id)
            self.plain.remove_document(row)

        self._write(f"registry: remove {short(row.document_id)}", act)

    def replace_documents(self, changes: Sequence[tuple[DocumentRow, DocumentRow]]) -> list[DocumentRow]:
        told = ", ".join(f"{short(new.document_id)} g{new.generation} {new.status}" for _, new in changes)

        def act() -> list[DocumentRow]:
            for old, _ in changes:
                self._touched.add(old.tenant_id, old.kb_id)
            return self.plain.replace_documents(changes)

        return self._write(f"registry: write {told}", act) if changes else []

    def remove_documents(self, rows: Sequence[DocumentRow]) -> None:
        def act() -> None:
            for row in rows:
                self._touched.add(row.tenant_id, row.kb_id)
            self.plain.remove_documents(rows)

        if rows:
            self._write(f"registry: remove {len(rows)} rows", act)

    def add_part(self, row: DocumentRow, part: int, *, status: Status = "EMBEDDING") -> DocumentRow:
        def act() -> DocumentRow:
            written = self.plain.add_part(row, part, status=status)
            now = self._clock()
            later = {"updated_at": isoformat(now), "deadline": isoformat(now + PROGRESS_WINDOWS[status])}
            kept = written.model_copy(update=later)
            self.plain.rows[row.tenant_id, row.kb_id, row.document_id] = kept
            return kept

        return self._write(f"registry: {short(row.document_id)} g{row.generation} part {part} done", act)

    def list_documents(
        self, tenant_id: str, kb_id: str, *, cursor: str = "", limit: int = 100
    ) -> tuple[list[DocumentRow], str]:
        few = min(limit, PAGE)
        return self._read(
            f"registry: list {kb_id} after {short(cursor)!r}",
            lambda: self.plain.list_documents(tenant_id, kb_id, cursor=cursor, limit=few),
        )

    def scan(self) -> Iterator[KnowledgeBaseRow | DocumentRow]:
        yield from self._read("registry: scan knowledge bases", lambda: list(self.plain.kbs.values()))
        last: tuple[str, str, str] = ("", "", "")
        while True:
            after = last

            def page(after: tuple[str, str, str] = after) -> list[tuple[tuple[str, str, str], DocumentRow]]:
                keys = islice((key for key in sorted(self.plain.rows) if key > after), PAGE)
                return [(key, self.plain.rows[key]) for key in keys]

            found = self._read(f"registry: scan after {short(after[2])!r}", page)
            yield from (row for _, row in found)
            if len(found) < PAGE:
                return
            last = found[-1][0]


class SteppedObjects:
    """The ObjectStore port on a versioned bucket; `changed` hears of each object that people's keys name."""

    def __init__(self, scheduler: Scheduler, name: str, changed: Callable[[str], None] = lambda _: None) -> None:
        self.versions: dict[str, list[tuple[int, bytes]]] = {}
        self.echoes = False
        """Is told, too, when a version is deleted, and not only a removal by people?"""
        self._scheduler = scheduler
        self._name = name
        self._changed = changed
        self._count = 0

    def _step(self, what: str, act: Callable[[], T], *, is_write: bool = False) -> T:
        return self._scheduler.step(self._name, f"{self._name}: {what}", act, is_write=is_write)

    def put(self, key: str, body: bytes) -> None:
        """Add a version at once, as a client does."""
        self._count += 1
        self.versions.setdefault(key, []).append((self._count, body))
        self._changed(key)

    def remove(self, key: str) -> None:
        """Remove an object at once, as a client does."""
        if self.versions.pop(key, None):
            self._changed(key)

    def stored(self, key: str) -> StoredObject | None:
        """Return what is there, without a step."""
        if key not in self.versions:
            return None
        body = self.versions[key][-1][1]
        return StoredObject(key, hashlib.md5(body).hexdigest(), len(body))

    def head(self, key: str) -> StoredObject | None:
        return self._step(f"head {shorten(key)}", lambda: self.stored(key))

    def read(self, key: str) -> bytes:
        def act() -> bytes:
            if key not in self.versions:
                raise NotFound(f"There is no object {key}.", code="object_not_found")
            return self.versions[key][-1][1]

        return self._step(f"read {shorten(key)}", act)

    def download(self, key: str, target: Path, *, version: str) -> None:
        def act() -> bytes:
            stored = self.stored(key)
            if stored is None:
                raise NotFound(f"There is no object {key}.", code="object_not_found")
            if stored.version != version:
                raise Conflict("The file was replaced while it was being read.", code="object_replaced")
            return self.versions[key][-1][1]

        target.write_bytes(self._step(f"download {shorten(key)}", act))

    def write(self, key: str, body: bytes, *, media_type: str = "application/octet-stream") -> None:
        self._step(f"write {shorten(key)}", lambda: self.put(key, body), is_write=True)

    def create(self, key: str, body: bytes, *, media_type: str = "application/octet-stream") -> bool:
        def act() -> bool:
            if self.versions.get(key):
                return False
            self.put(key, body)
            return True

        return self._step(f"create {shorten(key)}", act, is_write=True)

    def delete(self, keys: Sequence[str]) -> int:
        """Delete as S3 does it: list the versions, then delete those that were listed."""
        listed = self.list_versions(keys) if keys else []
        if listed:
            self.delete_versions(listed)
        return len(listed)

    def list_versions(self, keys: Sequence[str]) -> list[ObjectVersion]:
        return self._step(f"list versions of {_several(keys)}", lambda: self._held(keys))

    def _held(self, keys: Sequence[str]) -> list[ObjectVersion]:
        held = {key: self.versions.get(key, []) for key in keys}
        return [
            ObjectVersion(key, str(number), is_live=number == versions[-1][0])
            for key, versions in held.items()
            for number, _ in versions
        ]

    def newest(self, object_key: str) -> str:
        def act() -> str:
            return str(self.versions[object_key][-1][0]) if self.versions.get(object_key) else ""

        return self._step(f"newest of {shorten(object_key)}", act)

    def delete_versions(self, versions: Sequence[ObjectVersion]) -> None:
        """Delete in two steps, as the adapter does."""
        for is_live in (False, True):
            listed = [(version.key, int(version.version_id)) for version in versions if version.is_live == is_live]
            if listed:
                self._remove_listed(listed)

    def _remove_listed(self, listed: list[tuple[str, int]]) -> None:
        named = _several([key for key, _ in listed])
        self._step(f"delete {len(listed)} versions of {named}", lambda: self._delete_versions(listed), is_write=True)

    def _delete_versions(self, listed: list[tuple[str, int]]) -> None:
        for key, number in listed:
            held = self.versions.get(key, [])
            left = [version for version in held if version[0] != number]
            if left:
                self.versions[key] = left
            elif held:
                del self.versions[key]
                if self.echoes:
                    self._changed(key)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        last = ""
        while True:

            def page(after: str = last) -> list[StoredObject]:
                keys = islice((key for key in sorted(self.versions) if key.startswith(prefix) and key > after), PAGE)
                return [stored for stored in map(self.stored, keys) if stored is not None]

            found = self._step(f"list {shorten(prefix)} after {shorten(last)!r}", page)
            yield from found
            if len(found) < PAGE:
                return
            last = found[-1].key


class SteppedIndex:
    """The SearchIndex port: filters as the real ones do, ranks nothing."""

    def __init__(self, scheduler: Scheduler, touched: Touched) -> None:
        self.everything: dict[str, dict[str, IndexedChunk]] = {}
        self.relearned = 0
        """Texts that were asked for again after their last copy was deleted: nothing of a deleted document is kept."""
        self._forgotten: set[tuple[str, str]] = set()
        self._scheduler = scheduler
        self._touched = touched

    def lose(self) -> None:
        """Come back empty, without a step."""
        self._forgotten |= {
            (tenant, chunk.text_key) for tenant, held in self.everything.items() for chunk in held.values()
        }
        self.everything.clear()

    def _step(self, what: str, act: Callable[[], T], *, is_write: bool = False) -> T:
        return self._scheduler.step("index", f"index: {what}", act, takes_s=0.2, is_write=is_write)

    def upsert(self, chunks: Sequence[IndexedChunk]) -> list[ItemFailure]:
        first = chunks[0]
        named = (
            f"{short(first.document_id)} g{first.generation} chunks {first.chunk.ordinal}..{chunks[-1].chunk.ordinal}"
        )
        return self._step(f"write {named}", lambda: self._take(chunks), is_write=True)

    def _take(self, chunks: Sequence[IndexedChunk]) -> list[ItemFailure]:
        failures = []
        is_forgotten = self._happens("forgotten")
        for chunk in chunks:
            if chunk.chunk.text.startswith("!refused"):
                failures.append(ItemFailure(chunk.chunk_id, temporary=False, reason="mapping"))
            elif self._happens("item"):
                failures.append(ItemFailure(chunk.chunk_id, temporary=True, reason="429"))
            elif not is_forgotten:
                self.everything.setdefault(chunk.tenant_id, {})[self.named(chunk)] = chunk
        self._touched.add(chunks[0].tenant_id, chunks[0].kb_id)
        return failures

    def _happens(self, kind: str) -> bool:
        actor, scheduler = self._scheduler.actor, self._scheduler
        if actor is None:
            return False
        actor.steps += 1
        return scheduler.faults.hits(kind, f"{actor.key}.{actor.steps}", actor.rng.random(), scheduler.now_s)

    def held(self, tenant_id: str) -> dict[str, IndexedChunk]:
        """Return what is there of a tenant, without a step."""
        return self.everything.get(tenant_id, {})

    @staticmethod
    def named(chunk: IndexedChunk) -> str:
        """Return what a chunk is stored under."""
        return chunk.chunk_id

    def vectors(self, tenant_id: str, text_keys: Collection[str]) -> dict[str, Vector]:
        def act() -> dict[str, Vector]:
            wanted = set(text_keys) - {""}
            held = self.held(tenant_id).values()
            found = {chunk.text_key: chunk.vector for chunk in held if chunk.text_key in wanted}
            again = {key for key in wanted - found.keys() if (tenant_id, key) in self._forgotten}
            self.relearned += len(again)
            self._forgotten -= {(tenant_id, key) for key in again}
            return found

        return self._step(f"vectors of {len(text_keys)} texts", act)

    def count(self, tenant_id: str, document_id: str, generation: int | None) -> int:
        def act() -> int:
            of_document = [one for one in self.held(tenant_id).values() if one.document_id == document_id]
            return sum(generation in (None, one.generation) for one in of_document)

        return self._step(f"count {short(document_id)} g{generation}", act)

    def delete(self, tenant_id: str, document_id: str, *, through_generation: int, from_generation: int = 0) -> int:
        def act() -> int:
            held = self.held(tenant_id)
            gone = [
                chunk
                for chunk in held.values()
                if chunk.document_id == document_id and from_generation <= chunk.generation <= through_generation
            ]
            for chunk in gone:
                del held[self.named(chunk)]
                self._touched.add(tenant_id, chunk.kb_id)
            left = {chunk.text_key for chunk in held.values()}
            self._forgotten |= {(tenant_id, chunk.text_key) for chunk in gone if chunk.text_key not in left}
            return len(gone)

        named = f"delete {short(document_id)} g{from_generation}..{through_generation}"
        return self._step(named, act, is_write=True)

    def search(
        self, scope: Scope, *, text: str, vector: Vector | None, limit: int, releases: Collection[str] | None = None
    ) -> Candidates:
        readers = set(scope.readers)
        return Candidates(
            tuple(
                Hit(chunk, 1.0)
                for chunk in self.held(scope.tenant_id).values()
                if chunk.kb_id in scope.kb_ids and not readers.isdisjoint(chunk.readers) and scope.filters.keep(chunk)
            ),
            (),
        )

    def chunks(self, scope: Scope, chunk_ids: Collection[str]) -> dict[str, IndexedChunk]:
        hits = self.search(scope, text="", vector=None, limit=1).lexical
        return {hit.indexed.chunk_id: hit.indexed for hit in hits if hit.indexed.chunk_id in chunk_ids}

    def releases(self, tenant_id: str, kb_ids: Sequence[str]) -> frozenset[str]:
        return frozenset(chunk.release_id for chunk in self.held(tenant_id).values() if chunk.kb_id in kb_ids)

    def generations(self, tenant_id: str) -> Iterator[StoredGeneration]:
        def act() -> list[StoredGeneration]:
            counts: dict[tuple[str, str, int], int] = {}
            for chunk in self.held(tenant_id).values():
                key = (chunk.kb_id, chunk.document_id, chunk.generation)
                counts[key] = counts.get(key, 0) + 1
            return [StoredGeneration(*key, number) for key, number in sorted(counts.items())]

        yield from self._step(f"generations of {tenant_id}", act)

    def tenants(self) -> list[str]:
        return self._step("tenants", lambda: sorted(tenant for tenant, held in self.everything.items() if held))


class SteppedEmbedder:
    """The Embedder port: a constant vector, counted; questions cost nothing."""

    model_id = "constant-2"
    dimensions = 2

    def __init__(self, scheduler: Scheduler) -> None:
        self.calls = 0
        self._scheduler = scheduler

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[Vector]:
        if purpose == "query":
            return [CONSTANT for _ in texts]

        def act() -> list[Vector]:
            self.calls += len(texts)
            return [CONSTANT for _ in texts]

        return self._scheduler.step("embedder", f"embedder: {len(texts)} texts", act, takes_s=3.0)


class SteppedRecogniser:
    """The Recogniser port: reads what the drawer drew, slowly."""

    name = RECOGNISER

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._read = TextRecogniser()
        self.texts: dict[str, None] = {}

    def __call__(self, picture: PagePicture) -> RecognisedPage:
        page = self._scheduler.step("recogniser", "recogniser: a page", lambda: self._read(picture), takes_s=5.0)
        self.texts.update(dict.fromkeys(line.text for line in page.lines))
        return page


class SteppedParser:
    """The Parser port: one paragraph per line; a file says itself what is wrong with it."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._parse = LineParser()
        self.texts: dict[str, None] = {}

    def __call__(self, path: Path, *, filename: str) -> ParsedDocument:
        return self._scheduler.step("parser", f"parser: {filename}", lambda: self._outcome(path, filename), takes_s=2.0)

    def _outcome(self, path: Path, filename: str) -> ParsedDocument:
        body = path.read_bytes()
        first = body.split(b" ", 1)[0]
        if first in POISON:
            code, reason = POISON[first]
            raise (TooLarge if code == "zip_bomb" else Invalid)(reason, code=code)
        if first == b"!crash":
            raise RuntimeError("a defect that nobody has found yet")
        if first == b"!empty":
            return ParsedDocument(blocks=(), pages=1, unit="page")
        parsed = self._parse(path, filename=filename)
        self.texts.update(dict.fromkeys(block.text for block in parsed.blocks))
        return parsed


class SteppedControlStore(MemoryControlStore):
    """The application layer's store: what knowledge bases and the projector need of it."""

    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__()
        self._scheduler = scheduler

    def add_activity(self, row: ActivityRow) -> None:
        what = f"log: {row.type} of {short(row.document_id)} g{row.generation}"
        super_add = super().add_activity
        self._scheduler.step("control", what, lambda: super_add(row), is_write=True)

    def claim_name(self, claim: NameClaim, *, kind: str, instead_of: NameClaim | None = None) -> NameClaim:
        super_claim = super().claim_name
        return self._scheduler.step(
            "control", f"names: claim {claim.name}", lambda: super_claim(claim, kind=kind, instead_of=instead_of)
        )

    def release_name(self, tenant_id: str, *, kind: str, name: str, holder: str) -> None:
        super_release = super().release_name
        self._scheduler.step(
            "control", f"names: release {name}", lambda: super_release(tenant_id, kind=kind, name=name, holder=holder)
        )


def short(document_id: str) -> str:
    """Shorten a derived id for the trace."""
    return document_id[:12]


def _several(keys: Sequence[str]) -> str:
    return f"{shorten(keys[0])}{f' and {len(keys) - 1} more' if keys[1:] else ''}"


def shorten(key: str) -> str:
    """Shorten the ids in a key for the trace."""
    return "/".join(short(piece) if piece.startswith("doc_") else piece for piece in key.split("/"))
