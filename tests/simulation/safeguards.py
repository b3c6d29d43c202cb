"""The safeguards of the protocol and a switch for each, which undoes it around the real services.

Production code has no such switch: a safeguard is turned off by replacing a port, a service or a function of one run.
With any of them off the simulator must find a violation; otherwise either the safeguard or the simulator is useless.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from functions.application.services import deletions as deletion_services
from functions.ml.documents import IndexedChunk, ParsedDocument
from functions.ml.embedding import service as embedding_service
from functions.ml.embedding.service import EmbedPart
from functions.ml.embedding.service import Outcome as EmbedOutcome
from functions.ml.ingestion import service as ingestion_service
from functions.ml.ingestion.notifications import Hint
from functions.ml.ingestion.purge import PurgeDocuments
from functions.ml.ingestion.reading import ReadInProcess
from functions.ml.ingestion.service import IngestDocument, Outcome
from functions.ml.ports import Candidates, ItemFailure, ObjectVersion, RankedHit, Scope, StoredObject, Vector
from functions.ml.reconciliation.garbage import CollectGarbage
from functions.ml.retrieval.service import Probe, Retrieve
from functions.ml.storage import INBOX
from shared.contracts import api
from shared.contracts.events import DocumentChunked
from shared.contracts.registry import DocumentRow, Status
from shared.kernel.clock import isoformat
from shared.kernel.errors import Invalid, NotFound, Rejected, Unavailable
from shared.registry.transitions import EMBED_WINDOW, begin_delete, cut
from tests.fakes.parser import chunk_per_block
from tests.simulation.world import World

EVERYTHING = 1_000_000


@dataclass(frozen=True, slots=True)
class Safeguard:
    """One safeguard.

    Attributes:
        name: for the command line.
        rule: of the protocol.
        what: what happens without it.
        turn_off: undoes it in one run.
        beside: what else its switch changes, because the safeguard is hidden by another one or needed rarely; a seed
            that breaks with that alone does not count.
    """

    name: str
    rule: str
    what: str
    turn_off: Callable[[World], None]
    beside: Callable[[World], None] | None = None


def patched(world: World, module: Any, name: str, value: object) -> None:
    """Replace a function of a module until the run has ended."""
    world.undo.callback(setattr, module, name, getattr(module, name))
    setattr(module, name, value)


def with_pipeline(world: World, **changed: Any) -> None:
    """Give services of the pipeline other collaborators."""
    if "registry" in changed or "index" in changed:
        world.publish = replace(world.publish, **{name: changed[name] for name in changed if name != "documents"})
    world.embed = replace(world.embed, publish=world.publish, **{k: v for k, v in changed.items() if k != "documents"})


# --- rule 1: registry first, then S3 -------------------------------------------------------------------------------


class EarlyBytes:
    """An object store that answers for one key with what was read before."""

    def __init__(self, plain: Any, key: str, stored: StoredObject | None, body: bytes) -> None:
        self._plain, self._key, self._stored, self._body = plain, key, stored, body

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)

    def head(self, key: str) -> StoredObject | None:
        return self._stored if key == self._key else self._plain.head(key)

    def download(self, key: str, target: Path, *, version: str) -> None:
        if key == self._key and self._stored is not None:
            target.write_bytes(self._body)
        else:
            self._plain.download(key, target, version=version)


class BucketFirst(IngestDocument):
    """Reads the object before the registry."""

    def __call__(self, hint: Hint) -> Outcome:
        key = hint.object_key
        if not key:
            row = self.registry.document(hint.tenant_id, hint.kb_id, hint.document_id)
            key = row.object_key if row else ""
        if not key:
            return "ignored"
        stored = self.documents.head(key)
        try:
            body = self.documents.read(key) if stored else b""
        except NotFound:
            stored, body = None, b""
        early: Any = replace(self, documents=EarlyBytes(self.documents, key, stored, body))
        return IngestDocument.__call__(early, hint)


def bucket_first(world: World) -> None:
    world.ingest = BucketFirst(**vars(world.ingest))


def unconditional_download(world: World) -> None:
    def download(key: str, target: Path, *, version: str) -> None:
        target.write_bytes(world.documents.read(key))

    world.documents.download = download  # type: ignore[method-assign]


# --- rule 2: generations fence every write -------------------------------------------------------------------------


def no_compare_and_set(world: World) -> None:
    plain = world.registry.plain

    def write(old: DocumentRow, new: DocumentRow) -> DocumentRow:
        stored = plain.rows.get((old.tenant_id, old.kb_id, old.document_id))
        written = new.model_copy(update={"revision": (stored or old).revision + 1})
        plain.rows[old.tenant_id, old.kb_id, old.document_id] = written
        return written

    plain.replace_document = write  # type: ignore[method-assign]


class Unfenced(EmbedPart):
    """Takes a part of whatever generation for one of the newest."""

    def __call__(self, event: DocumentChunked) -> EmbedOutcome:
        row = self.registry.document(event.tenant_id, event.kb_id, event.document_id)
        if row is not None:
            event = event.model_copy(update={"generation": row.generation})
        return EmbedPart.__call__(self, event)


def no_fence_for_parts(world: World) -> None:
    world.embed = Unfenced(**vars(world.embed))


def no_generation_in_ids(world: World) -> None:
    def named(chunk: IndexedChunk) -> str:
        return f"{chunk.document_id}#{chunk.chunk.ordinal}"

    world.index.named = named  # type: ignore[method-assign]


# --- rule 3: finished parts are a set ------------------------------------------------------------------------------


def counted_parts(world: World) -> None:
    """Count finished parts, whichever they were, and believe the index, which would tell."""
    add_part, rows = world.registry.plain.add_part, world.registry.plain.rows

    def count(row: DocumentRow, part: int, *, status: Status = "EMBEDDING") -> DocumentRow:
        stored = rows.get((row.tenant_id, row.kb_id, row.document_id))
        is_counter = status == "EMBEDDING" and stored is not None
        return add_part(row, -1 - len(stored.parts_done) if is_counter and stored else part, status=status)

    world.registry.plain.add_part = count  # type: ignore[method-assign]
    unconfirmed_publish(world)


# --- rule 4: the flip ----------------------------------------------------------------------------------------------


class BelievedIndex:
    """An index whose count is believed to be right."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world.index, name)

    def count(self, tenant_id: str, document_id: str, generation: int | None) -> int:
        rows = self._world.registry.plain.rows
        return next(row.chunks for row in rows.values() if row.document_id == document_id)


def unconfirmed_publish(world: World) -> None:
    with_pipeline(world, index=BelievedIndex(world))


class UnboundedIndex:
    """An index that, asked for the older generations, removes all but one's own."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world.index, name)

    def delete(self, tenant_id: str, document_id: str, *, through_generation: int, from_generation: int = 0) -> int:
        delete = self._world.index.delete
        older = delete(tenant_id, document_id, through_generation=through_generation, from_generation=from_generation)
        return older + delete(
            tenant_id, document_id, from_generation=through_generation + 2, through_generation=EVERYTHING
        )


def unbounded_collection(world: World) -> None:
    with_pipeline(world, index=UnboundedIndex(world))


# --- rule 5: items of a bulk ---------------------------------------------------------------------------------------


def ignored_items(world: World) -> None:
    take = world.index.upsert

    def upsert(chunks: Sequence[IndexedChunk]) -> list[ItemFailure]:
        take(chunks)
        return []

    world.index.upsert = upsert  # type: ignore[method-assign]


# --- rule 6: a failed generation is never resumed ------------------------------------------------------------------


class Resuming(IngestDocument):
    """Goes on with the generation that failed."""

    def _compare(self, row: DocumentRow, stored: StoredObject) -> Outcome:
        if row.status == "QUEUED" and row.parts_total and stored.version == row.version:
            again = cut(row, parts_total=row.parts_total, chunks=row.chunks, pages=row.pages, now=self.clock())
            done = row.parts_done - {row.parts_total - 1}  # whoever finishes the last part publishes
            row = self.registry.replace_document(row, again.model_copy(update={"parts_done": done}))
        return super()._compare(row, stored)


def resumed_generation(world: World) -> None:
    world.ingest = Resuming(**vars(world.ingest))


# --- rule 7: the intent first --------------------------------------------------------------------------------------


def unrecorded_delete(world: World) -> None:
    def delete(principal: Any, kb_id: str, document_id: str, *, correlation_id: str) -> api.Document:
        shown = world.documents_api.get(principal, kb_id, document_id)
        row = world.registry.document(principal.tenant_id, kb_id, document_id)
        if row is not None:
            world.documents.delete([row.object_key])
        return shown.model_copy(update={"status": "DELETING"})

    class Unrecorded:
        def __init__(self, plain: Any) -> None:
            self._plain = plain

        def __getattr__(self, name: str) -> Any:
            return delete if name == "delete" else getattr(self._plain, name)

    plain = world.documents_api
    wrapped: Any = Unrecorded(plain)
    world.documents_api = wrapped


def unfenced_purge(world: World) -> None:
    def all_of_them(purge: PurgeDocuments, rows: Sequence[DocumentRow]) -> list[DocumentRow]:
        return list(rows)

    patched(world, PurgeDocuments, "_in_charge", all_of_them)
    slow_and_greedy(world)


def slow_and_greedy(world: World) -> None:
    slow_listings(world)
    delete_takes_all(world)


def slow_listings(world: World) -> None:
    """Let every second listing of an inbox file's versions take longer than its message stays hidden."""
    scheduler, plain = world.scheduler, world.documents.list_versions

    def slow(keys: Sequence[str]) -> list[ObjectVersion]:
        actor = scheduler.actor
        is_inbox = actor is not None and keys[0].startswith(INBOX)
        if actor is not None and is_inbox and scheduler.stream(f"{actor.key}.{actor.steps}/slow").random() < 0.5:
            scheduler.pause(world.plan.stall_s)
        return plain(keys)

    world.documents.list_versions = slow  # type: ignore[method-assign]


def removal_takes_all(world: World) -> None:
    patched(world, ingestion_service, "lose_source", begin_delete)


def delete_takes_all(world: World) -> None:
    def whatever_lies_there(row: DocumentRow, now: datetime, **asked: Any) -> DocumentRow:
        return begin_delete(row, now, requested_by=asked["requested_by"])

    patched(world, deletion_services, "begin_delete", whatever_lies_there)


def late_bytes_stay(world: World) -> None:
    class Late(IngestDocument):
        def _refuse_late(self, row: DocumentRow) -> Outcome:
            return "unchanged"

    world.ingest = Late(**vars(world.ingest))


# --- rule 8: hits are checked ----------------------------------------------------------------------------------------


class Unchecked(Retrieve):
    """Shows what the index gives."""

    def _ranked(
        self, scope: Scope, text: str, probes: list[Probe], *, limit: int, depth: int
    ) -> tuple[list[RankedHit], bool]:
        found = [self.index.search(scope, text=text, vector=None, limit=depth) for _ in probes[:1]]
        candidates = found[0] if found else Candidates((), ())
        return self.ranker(text, candidates, limit=limit), False


def unchecked_hits(world: World) -> None:
    old = world.retrieve
    world.retrieve = Unchecked(old.index, old.registry, old.embedder_for_release, old.ranker)


# --- rule 9: permanent and temporary ---------------------------------------------------------------------------------


def poison_is_temporary(world: World) -> None:
    plain = world.parser

    class Temporary:
        texts = plain.texts

        def __call__(self, path: Path, *, filename: str) -> ParsedDocument:
            try:
                return plain(path, filename=filename)
            except Rejected as error:
                raise Unavailable(error.message, code=error.code) from error

    parser: Any = Temporary()
    world.ingest = replace(world.ingest, reader_for=lambda _: ReadInProcess(parser, chunk_per_block))


def outage_is_permanent(world: World) -> None:
    embed = world.embedder.embed

    def strict(texts: Sequence[str], *, purpose: Any) -> list[Vector]:
        try:
            return embed(texts, purpose=purpose)
        except Unavailable as error:
            raise Invalid(error.message, code=error.code) from error

    world.embedder.embed = strict  # type: ignore[method-assign]


# --- rule 10: who looks after what was left --------------------------------------------------------------------------


def no_dead_letter_consumer(world: World) -> None:
    world.switches.dead_letter_consumer = False


def no_reconciler(world: World) -> None:
    world.switches.reconciler = False


def no_deadline(world: World) -> None:
    plain = world.registry.plain
    replace_document, create, add_part = plain.replace_document, plain.create_document, world.registry.add_part

    def timeless(row: DocumentRow) -> DocumentRow:
        return row.model_copy(update={"deadline": ""})

    plain.replace_document = lambda old, new: replace_document(old, timeless(new))  # type: ignore[method-assign]
    plain.create_document = lambda row: create(timeless(row))  # type: ignore[method-assign]

    def add(row: DocumentRow, part: int, *, status: Status = "EMBEDDING") -> DocumentRow:
        written = timeless(add_part(row, part, status=status))
        plain.rows[row.tenant_id, row.kb_id, row.document_id] = written
        return written

    world.registry.add_part = add  # type: ignore[method-assign]


def endless_wait(world: World) -> None:
    """Give a generation that the index lost more and more time."""

    def extend(row: DocumentRow, *, reason: str, code: str, now: datetime) -> DocumentRow:
        later = {"updated_at": isoformat(now), "deadline": isoformat(now + EMBED_WINDOW)}
        return row.model_copy(update={"reason": reason, "code": code, **later})

    patched(world, embedding_service, "extend", extend)


def no_collection(world: World) -> None:
    def nothing(self: CollectGarbage, picture: Any) -> int:
        return 0

    patched(world, CollectGarbage, "parts", nothing)


# --- rule 11 and I7 --------------------------------------------------------------------------------------------------


def burnt_receives(world: World) -> None:
    def burn(body: str, *, delay_s: int) -> None:
        raise Unavailable("A neighbour does not answer; the message comes again.", code="burnt")

    world.embed_queue.postpone = burn  # type: ignore[method-assign]
    world.ingest_queue.postpone = burn  # type: ignore[method-assign]


def burnt_receives_of_the_log(world: World) -> None:
    def burn(body: str, *, delay_s: int) -> None:
        raise Unavailable("The table of the log does not answer; the message comes again.", code="burnt")

    world.projector_queue.postpone = burn  # type: ignore[method-assign]


def no_cache(world: World) -> None:
    def nothing(tenant_id: str, text_keys: Collection[str]) -> dict[str, Vector]:
        return {}

    world.index.vectors = nothing  # type: ignore[method-assign]


SAFEGUARDS = (
    Safeguard("registry-first", "1", "the object is read before the registry", bucket_first),
    Safeguard("conditional-download", "1", "bytes of any version are taken for those that were seen",
              unconditional_download),
    Safeguard("compare-and-set", "2", "a row is written whatever it holds by then", no_compare_and_set),
    Safeguard("fence-of-parts", "2", "a part of an older generation is taken for one of the newer",
              no_fence_for_parts),
    Safeguard("generation-in-ids", "2", "chunks are named without their generation", no_generation_in_ids),
    Safeguard("set-of-parts", "3", "finished parts are counted, whichever they are (with confirmed-publish off)",
              counted_parts, beside=unconfirmed_publish),
    Safeguard("confirmed-publish", "4", "a generation is published though the index may lack chunks",
              unconfirmed_publish),
    Safeguard("bounded-collection", "4", "a publish removes all generations but its own", unbounded_collection),
    Safeguard("items-of-a-bulk", "5", "failed items of a bulk write are ignored", ignored_items),
    Safeguard("new-generation-on-retry", "6", "a retry goes on with the generation that failed", resumed_generation),
    Safeguard("intent-first", "7", "a delete is acknowledged before it is recorded", unrecorded_delete),
    Safeguard("overtaken-purge-stops", "7", "a purge deletes what came after its delete ended (with slow listings, "
              "and delete-knows-its-version off)",
              unfenced_purge, beside=slow_and_greedy),
    Safeguard("removed-is-not-replaced", "7", "a file replaced by remove and put is deleted with the one before it",
              removal_takes_all),
    Safeguard("delete-knows-its-version", "7", "a file dropped after a delete was acknowledged goes with it",
              delete_takes_all),
    Safeguard("late-bytes-refused", "7", "bytes that come after the delete stay", late_bytes_stay),
    Safeguard("checked-hits", "8", "search shows what the index gives", unchecked_hits),
    Safeguard("poison-is-permanent", "9", "a document that can never be read is tried for ever", poison_is_temporary),
    Safeguard("outage-is-temporary", "9", "an outage of the model fails documents for good", outage_is_permanent),
    Safeguard("dead-letter-consumer", "10", "nobody reads dead letters", no_dead_letter_consumer),
    Safeguard("reconciler", "10", "nobody compares the stores", no_reconciler),
    Safeguard("deadlines", "10", "no state has a deadline", no_deadline),
    Safeguard("lost-chunks-have-a-deadline", "10", "a generation that the index lost is waited for without end",
              endless_wait),
    Safeguard("parts-collected", "10", "parts of overtaken generations stay", no_collection),
    Safeguard("receives-not-burnt", "11", "an outage uses up the receives of a message", burnt_receives),
    Safeguard("log-waits", "11", "an outage of the log's table uses up the receives of its messages",
              burnt_receives_of_the_log),
    Safeguard("embedding-cache", "I7", "every text is embedded every time", no_cache),
)  # fmt: skip


def of(name: str) -> Safeguard:
    """Return a safeguard by its name."""
    return next(safeguard for safeguard in SAFEGUARDS if safeguard.name == name)
