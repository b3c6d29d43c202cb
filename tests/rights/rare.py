"""What happens seldom, so that its rights are not taken for idle: files of other systems, outages, losses."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, cast

import boto3
import pytest

from functions.application.adapters.control_table import DynamoControlStore
from functions.ml.evaluation import handler as evaluation
from functions.ml.evaluation.reports import SCHEDULED_PREFIX
from functions.ml.outcomes import document_event
from functions.ml.recognised import page_key
from functions.ml.recognition import handler as recognition
from functions.ml.releases.catalogue import load_releases
from functions.ml.releases.store import release_key
from functions.ml.storage import MANIFESTS
from shared.contracts.events import DocumentPublished, PagesUnread
from shared.contracts.ml_api import Caller, EvaluationRequest
from shared.kernel.errors import Unavailable
from shared.kernel.ids import derived_id
from tests.crash.flows import FIRST, OTHER, SECOND, SHORT, news
from tests.crash.invocation import CONTEXT
from tests.crash.world import ARTIFACTS, DOCUMENTS, World
from tests.fakes.embedder import HashEmbedder
from tests.fakes.parser import SCANNED
from tests.fakes.recognition import TextRecogniser

INBOX = "inbox/acme/kb_1/notes.txt"


def put(world: World, key: str, text: str) -> None:
    """Put an object and tell of it."""
    boto3.client("s3").put_object(Bucket=DOCUMENTS, Key=key, Body=text.encode())
    world.notify(key)


def files_of_other_systems(world: World) -> None:
    """A text and a scan come, change and go."""
    for key, texts in ((INBOX, (FIRST, SECOND)), ("inbox/acme/kb_1/scan.txt", (f"{SCANNED} {SHORT}",))):
        for text in texts:
            put(world, key, text)
            world.drain()
    put(world, INBOX, SHORT)
    world.lose_messages("ingest")
    world.now += timedelta(minutes=20)
    world.reconcile()
    boto3.client("s3").delete_object(Bucket=DOCUMENTS, Key=INBOX)
    world.notify(INBOX)
    world.rest()


def scans_replaced_and_deleted(world: World) -> None:
    """What was recognised of a version goes with it, also what a late worker writes."""
    for text in (SHORT, OTHER):
        world.upload("doc_1", f"{SCANNED} {text}")
        world._deliver("ingest", world_handlers()["ingest"])
        (late,) = world.lose_messages("recognition")
        boto3.client("sqs").send_message(QueueUrl=world.urls["recognition"], MessageBody=late)
        world.drain()
    world.delete_document("doc_1")
    world.drain()
    boto3.client("sqs").send_message(QueueUrl=world.urls["recognition"], MessageBody=late)
    event = PagesUnread.parse(late)
    place = page_key(event, event.recogniser, event.pages[0])
    boto3.client("s3").put_object(Bucket=ARTIFACTS, Key=place, Body=b"{}")
    world.drain()


def world_handlers() -> dict[str, Any]:
    """Return the handlers as they are patched now."""
    from functions.ml.ingestion import handler as ingestion

    return {"ingest": ingestion.handler}


@contextmanager
def failing(owner: object, name: str) -> Iterator[None]:
    """Let a method find its neighbour unreachable."""

    def refuse(*_: object, **__: object) -> Any:
        raise Unavailable("Not now.", code="out")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, refuse)
        yield


def outages(world: World) -> None:
    """Messages are put back while a neighbour does not answer."""
    world.upload("doc_1", FIRST)
    world.upload("doc_2", f"{SCANNED} {SHORT}")
    world._deliver("ingest", world_handlers()["ingest"])
    for _ in range(2):
        with failing(HashEmbedder, "embed"), failing(TextRecogniser, "__call__"):
            from functions.ml.embedding import handler as embedding

            world._deliver("embed", embedding.handler)
            world._deliver("recognition", recognition.handler)
    news(world)
    with failing(DynamoControlStore, "add_activity"):
        from functions.application.projector import handler as projector

        world._deliver("projector", projector.handler)
    world.fresh_processes()  # a circuit that opened stays open for a while of the real clock
    world.drain()


def scheduled_evaluations(world: World) -> None:
    """A tick of the schedule queues what is to be scored regularly."""
    order = EvaluationRequest(
        caller=Caller(tenant_id="acme", user_id="u", readers=("tenant:acme",)),
        kb_ids=("kb_1",),
        dataset_key="datasets/acme/none.jsonl",
    )
    key = f"{SCHEDULED_PREFIX}acme/one.json"
    boto3.client("s3").put_object(Bucket=ARTIFACTS, Key=key, Body=order.model_dump_json().encode())
    evaluation.scheduler.cache_clear()
    evaluation.handler({"id": "tick"}, cast("Any", CONTEXT))
    world.drain()


def old_releases(world: World) -> None:
    """A knowledge base goes on with a release that left the catalogue; one of another never was."""
    spec = load_releases("extractive", "multilingual").default
    for release_id in ("rel_old", "rel_never"):
        if release_id == "rel_old":
            body = spec.model_dump_json().encode()
            boto3.client("s3").put_object(Bucket=ARTIFACTS, Key=release_key(release_id), Body=body)
        old = world.registry.knowledge_base("acme", "kb_1")
        assert old is not None
        world.kb = world.registry.replace_knowledge_base(old, old.model_copy(update={"release_id": release_id}))
        world.upload(f"doc_{release_id}", FIRST)
        world.drain()


def losses(world: World) -> None:
    """The registry is lost and comes back from the bucket; what comes for a deleted knowledge base goes away."""
    world.upload("doc_1", FIRST)
    world.drain()
    world.reconcile()
    table = boto3.client("dynamodb")
    for row in table.scan(TableName="registry")["Items"]:
        table.delete_item(TableName="registry", Key={"pk": row["pk"], "sk": row["sk"]})
    world.reconcile()
    world.drain()
    for kind in ("views", "parts"):
        boto3.client("s3").put_object(Bucket=ARTIFACTS, Key=f"{kind}/acme/kb_1/doc_gone/000001/00000.json", Body=b"{}")
    world.upload("doc_2", FIRST)
    world._deliver("ingest", world_handlers()["ingest"])
    for item in boto3.client("s3").list_objects_v2(Bucket=ARTIFACTS, Prefix="parts/")["Contents"]:
        boto3.client("s3").delete_object(Bucket=ARTIFACTS, Key=item["Key"])
    world.rest()
    world.delete_knowledge_base()
    world.rest()
    for key in (INBOX, "documents/acme/kb_1/doc_9/source"):
        boto3.client("s3").put_object(Bucket=DOCUMENTS, Key=key, Body=b"late")
    world.reconcile()
    boto3.client("s3").list_objects_v2(Bucket=DOCUMENTS, Prefix=MANIFESTS)


def bytes_that_are_gone(world: World) -> None:
    """Files are lost between the look at them and their recognition."""
    for key in ("documents/acme/kb_1/doc_1/source", "inbox/acme/kb_1/scan.txt"):
        if key.startswith("documents"):
            world.upload("doc_1", f"{SCANNED} {SHORT}")
        else:
            put(world, key, f"{SCANNED} {SHORT}")
        world._deliver("ingest", world_handlers()["ingest"])
        boto3.client("s3").delete_object(Bucket=DOCUMENTS, Key=key)
        world._deliver("recognition", recognition.handler)
        world.lose_messages("recognition")


def never_arrived(world: World) -> None:
    """A file that was announced never comes."""
    world.upload("doc_1", FIRST)
    world.lose_messages("ingest")
    row = world.row("doc_1")
    assert row is not None
    boto3.client("s3").delete_object(Bucket=DOCUMENTS, Key=row.object_key)
    world.now += timedelta(days=3)
    world.reconcile()


def replaced_file_of_another_system(world: World) -> None:
    """Somebody uploads what takes the place of a dropped file."""
    put(world, INBOX, FIRST)
    world.drain()
    row = world.upload("doc_1", SECOND, replaces=derived_id("doc", "acme", "kb_1", INBOX))
    world.drain()
    world.tell(document_event(row, DocumentPublished, pages=1, chunks=2))
    world.rest()


RARE = (
    files_of_other_systems,
    replaced_file_of_another_system,
    scans_replaced_and_deleted,
    outages,
    scheduled_evaluations,
    old_releases,
    losses,
    bytes_that_are_gone,
    never_arrived,
)
