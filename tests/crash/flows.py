"""The flows whose every effect is a place to die at."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from functions.ml.documents import Chunk, IndexedChunk, chunk_id
from functions.ml.ingestion import handler as ingestion
from functions.ml.outcomes import document_event
from functions.ml.storage import parse_key
from shared.contracts.documents import Place
from shared.contracts.events import DocumentDeleted, DocumentEvent, DocumentParsed, DocumentPublished
from shared.kernel import clock
from shared.kernel.aws import client
from shared.registry.transitions import fail, open_generation
from tests.crash.world import DOCUMENTS, Expected, World
from tests.fakes.parser import PAGE_BREAK, SCANNED

FIRST = "The river is long.\n\nThe bridge is old.\n\nThe tower is high."
SECOND = "The river is short.\n\nThe bridge is old."
SHORT = "The harbour is deep."
OTHER = "The island is far."
NEWS: tuple[tuple[type[DocumentEvent], dict[str, Any]], ...] = (
    (DocumentParsed, {"pages": 1, "chunks": 3}),
    (DocumentPublished, {"pages": 1, "chunks": 3}),
    (DocumentDeleted, {"removed": {"chunks": 3}}),
)
Step = Callable[[World], object]


@dataclass(frozen=True)
class Flow:
    """What stands before, and the part in which every process may end.

    Attributes:
        effects: services that the part certainly calls; a recording without them recorded nothing.
    """

    name: str
    prepare: Step
    act: Step
    effects: frozenset[str]


def nothing(world: World) -> None:
    """Begin with an empty knowledge base."""


def ready(world: World) -> None:
    """Begin with a document that answers."""
    world.upload("doc_1", FIRST)
    world.drain()


def half_way(world: World) -> None:
    """Begin with a document whose parts wait to be embedded."""
    world.upload("doc_1", FIRST)
    world._deliver("ingest", ingestion.handler)


def failed(world: World) -> None:
    """Begin with a document that failed for a reason that may pass."""
    row = world.upload("doc_1", FIRST)
    world.lose_messages("ingest")
    opened = open_generation(row, version="lost", size_bytes=1, release_id=row.release_id, now=world.now)
    opened = world.registry.replace_document(row, opened)
    reason = fail(opened, code="processing_failed", reason="Something.", permanent=False, now=world.now)
    world.registry.replace_document(opened, reason)


def two_documents(world: World) -> None:
    """Begin with two documents, one of them half way."""
    ready(world)
    world.upload("doc_2", SECOND)
    world._deliver("ingest", ingestion.handler)


def scan(world: World) -> None:
    """Drop a document whose two pages have no text layer."""
    world.upload("doc_1", f"{SCANNED} {SHORT}{PAGE_BREAK}{SCANNED} {OTHER}")
    world.expected["doc_1"] = Expected(f"{SHORT}\n\n{OTHER}")
    world.drain()


def news(world: World) -> None:
    """Begin with events on their way to the log."""
    row = world.upload("doc_1", FIRST)
    world.drain()
    world.tell(*(document_event(row, kind, **told) for kind, told in NEWS))


def replaced(world: World) -> None:
    """Begin with a document that answers, and the news that its replacement does."""
    ready(world)
    row = world.upload("doc_2", SECOND, replaces="doc_1")
    world.drain()
    world.tell(document_event(row, DocumentPublished, pages=1, chunks=2))
    world.expected["doc_1"] = Expected(None)


def questions(world: World) -> None:
    """Begin with a run that was asked for."""
    world.evaluate(*(f"What is number {number}?" for number in range(7)))


def deliver(world: World) -> None:
    """Let what waits be worked on."""
    world.drain()


def mess(world: World) -> None:
    """Begin with one of each thing that the reconciler mends."""
    ready(world)
    world.upload("doc_stuck", SHORT)
    world._deliver("ingest", ingestion.handler)
    world.lose_messages("embed")
    world.upload("doc_unheard", SHORT)
    client("s3").put_object(Bucket=DOCUMENTS, Key="inbox/acme/kb_1/notes.txt", Body=SHORT.encode())
    world.lose_messages("ingest")
    _leave_garbage(world)
    _lose_from_index(world, "doc_1")
    world.now += timedelta(minutes=20)


def _leave_garbage(world: World) -> None:
    place = Place(unit="page", page=1, start=0, end=4)
    chunk = Chunk(ordinal=0, text="Old.", kind="text", place=place)
    orphan = IndexedChunk(
        chunk_id=chunk_id("doc_gone", 3, 0), tenant_id="acme", kb_id="kb_1", document_id="doc_gone", generation=3,
        release_id="rel_1", readers=("tenant:acme",), filename="gone.txt", chunk=chunk, vector=(1.0, 0.0),
    )  # fmt: skip
    world.index.upsert([orphan])


def _lose_from_index(world: World, document_id: str) -> None:
    world.index.delete("acme", document_id, through_generation=99)
    world.expected[document_id].damaged = True


def dead_letters(world: World) -> None:
    """Begin with a document whose messages were given up."""
    half_way(world)
    for body in world.lose_messages("embed"):
        client("sqs").send_message(QueueUrl=world.urls["dead"], MessageBody=body)


def ingest(world: World) -> None:
    """Drop a document."""
    world.upload("doc_1", FIRST)
    world.drain()


def replace(world: World) -> None:
    """Drop other bytes under the same document."""
    world.upload("doc_1", SECOND)
    world.drain()


def remove_object(world: World) -> None:
    """Remove the bytes in the bucket, as another system may."""
    row = world.row("doc_1")
    assert row is not None
    assert parse_key(row.object_key) is not None
    client("s3").delete_object(Bucket=DOCUMENTS, Key=row.object_key)
    world.notify(row.object_key)
    world.expected["doc_1"] = Expected(None)
    world.drain()


def delete(world: World) -> None:
    """Delete a document through the API."""
    world.delete_document("doc_1")
    world.drain()


def retry(world: World) -> None:
    """Retry a document through the API."""
    world.retry_document("doc_1")
    world.drain()


def delete_knowledge_base(world: World) -> None:
    """Delete the knowledge base through the API; the schedule removes what is left."""
    world.delete_knowledge_base()
    world.drain()
    world.now += timedelta(minutes=1)
    world.reconcile()


def reconcile(world: World) -> None:
    """Let the schedule tick; what it sets off are the other flows."""
    world.reconcile()


def bury(world: World) -> None:
    """Let the dead-letter consumer write the end, and the reconciler begin again."""
    world.drain()
    world.now = clock.system_clock() + timedelta(minutes=2)
    world.reconcile()
    world.drain()


PIPELINE = frozenset({"dynamodb", "s3", "sqs", "events", "index"})
FLOWS = (
    Flow("ingest, embed and publish", nothing, ingest, PIPELINE),
    Flow("re-upload", ready, replace, PIPELINE),
    Flow("re-upload while the older version is in work", half_way, replace, PIPELINE),
    Flow("delete", ready, delete, PIPELINE),
    Flow("delete while in work", half_way, delete, PIPELINE),
    Flow("removal of the object", ready, remove_object, PIPELINE - {"sqs"}),
    Flow("retry", failed, retry, PIPELINE),
    Flow("dead letters", dead_letters, bury, PIPELINE),
    Flow("delete of the knowledge base", two_documents, delete_knowledge_base, PIPELINE),
    Flow("recognition of scanned pages", nothing, scan, PIPELINE),
    Flow("events into the log", news, deliver, frozenset({"dynamodb"})),
    Flow("delete of what is replaced", replaced, deliver, PIPELINE),
    Flow("run of an evaluation", questions, deliver, frozenset({"s3", "events"})),
    Flow("reconcile", mess, reconcile, PIPELINE - {"events"}),
)
