"""The platform's real handlers and adapters in a world that a test can stop, revive and look into."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from functions.application.adapters.control_table import DynamoControlStore
from functions.application.adapters.queues import SqsIngestQueue
from functions.application.adapters.storage import S3SourceVersions
from functions.application.domain.principals import Principal
from functions.application.projector import handler as projector
from functions.application.projector import wiring as projector_wiring
from functions.application.services.documents import Documents
from functions.application.services.knowledge_bases import KnowledgeBases
from functions.application.services.names import KnowledgeBaseNames
from functions.ml.adapters import search_engines
from functions.ml.answering import wiring as answering_wiring
from functions.ml.documents import ParsedDocument
from functions.ml.embedding import handler as embedding
from functions.ml.embedding import wiring as embedding_wiring
from functions.ml.evaluation import handler as evaluation
from functions.ml.evaluation import wiring as evaluation_wiring
from functions.ml.ingestion import dead_letter_handler
from functions.ml.ingestion import handler as ingestion
from functions.ml.ingestion import wiring as ingestion_wiring
from functions.ml.ingestion.parsing.files import parse_file
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.reading import ReadInProcess
from functions.ml.ingestion.service import IngestDocument
from functions.ml.ports import SearchIndex
from functions.ml.recognition import handler as recognition
from functions.ml.recognition import wiring as recognition_wiring
from functions.ml.reconciliation import handler as reconciliation
from functions.ml.releases.catalogue import load_releases
from shared.contracts.events import EvaluationRequested, Event
from shared.contracts.ml_api import AnswerRequest, AnswerResponse, SearchRequest, SearchResponse, Usage
from shared.contracts.registry import DocumentRow, KnowledgeBaseRow
from shared.kernel import clock
from shared.kernel.aws import client
from shared.kernel.ids import new_id
from shared.registry.dynamodb import DynamoRegistry
from tests.cloud import REGION, make_table
from tests.crash.effects import Effects
from tests.crash.invocation import CONTEXT, sqs_event
from tests.fakes.embedder import HashEmbedder
from tests.fakes.parser import SCANNED, LineParser, chunk_per_block
from tests.fakes.recognition import TextDrawer, TextRecogniser
from tests.rows import NOW, document, knowledge_base

DOCUMENTS, ARTIFACTS, BUS = "documents", "artifacts", "bus"
QUEUES = ("ingest", "embed", "recognition", "evaluation", "projector", "dead")
PERSON = Principal("user_1", "acme", "user_1@example.org", "User", "admin")
MOST_RECEIVES = 5
LATE = timedelta(minutes=20)
"""Past every deadline but that of an upload."""
MOST_ROUNDS = 7
Handler = Callable[[dict[str, Any], Any], Any]


class NeverAtRest(AssertionError):
    """The platform still finds something to do after many rounds."""


class InProcessParser:
    """The real parsers without their sandbox, which has tests of its own and would cost a fork for each document.

    Scans are made of text, so that no model is needed to read them.
    """

    def __call__(self, path: Path, *, filename: str) -> ParsedDocument:
        if path.read_bytes().startswith(SCANNED.encode()):
            return LineParser()(path, filename=filename)
        return parse_file(path, filename=filename, limits=ParserLimits())


def answered(request: AnswerRequest) -> AnswerResponse:
    """Answer without a model."""
    usage = Usage(model="none")
    return AnswerResponse(text=request.question, refused=False, citations=(), usage=usage, release_id="rel")


def searched(request: SearchRequest) -> SearchResponse:
    """Find nothing."""
    return SearchResponse(hits=(), release_id="rel")


@dataclass
class Expected:
    """What must become of a document.

    Attributes:
        text: of its last version, None once the person removed it.
        deleting: the person asked for its delete, and may not have got an answer.
        deleted: the delete was acknowledged.
        damaged: the test took passages of its live generation away, so that it shows too few until it is mended.
    """

    text: str | None
    deleting: bool = False
    deleted: bool = False
    damaged: bool = False


@dataclass
class World:
    """AWS as tables, queues and buckets; handlers as processes; a clock that moves on demand.

    Attributes:
        index_folder: where the search index lies; another one after `revive`.
        expected: by document id, what the person would expect.
        kb_deleting: the person asked for the delete of the knowledge base.
        kb_deleted: and got an answer.
        news: the events that the projector was sent.
        run: the evaluation that was asked for, and its questions.
        look: called after every message and every tick, to see what people would see then.
    """

    index_folder: Path
    patch: pytest.MonkeyPatch
    effects: Effects = field(default_factory=Effects)
    now: datetime = NOW
    urls: dict[str, str] = field(default_factory=dict)
    expected: dict[str, Expected] = field(default_factory=dict)
    kb_deleting: bool = False
    kb_deleted: bool = False
    embedder: HashEmbedder = field(default_factory=HashEmbedder)
    news: set[str] = field(default_factory=set)
    run: tuple[str, tuple[str, ...]] | None = None
    look: Callable[[], object] = lambda: None

    def build(self) -> "World":
        """Make the tables, queues and buckets and put the real code onto them."""
        self.effects.install(self.patch)
        self._move_clocks()
        self._replace_what_is_no_effect()
        make_table("registry", "pk", "sk")
        make_table("control", "pk", "sk", index=("gsi1pk", "gsi1sk"))
        for bucket in (DOCUMENTS, ARTIFACTS):
            s3 = client("s3")
            where: Any = {"LocationConstraint": REGION}
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        client("events").create_event_bus(Name=BUS)
        self.urls = {name: client("sqs").create_queue(QueueName=name)["QueueUrl"] for name in QUEUES}
        self._set_environment()
        release = load_releases("extractive", "multilingual").default
        self.kb = knowledge_base().model_copy(update={"release_id": release.release_id})
        self.registry.create_knowledge_base(self.kb)
        return self

    def _move_clocks(self) -> None:
        world = self

        class Movable(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                world.now += timedelta(milliseconds=1)
                return world.now.astimezone(tz or UTC)

        self.patch.setattr(clock, "datetime", Movable)

    def _replace_what_is_no_effect(self) -> None:
        """Put light stand-ins for what the matrix is not about: model and sandbox; and cut small."""
        patch = self.patch.setattr
        patch(embedding_wiring, "embedder_for", lambda *_, **__: self.embedder)
        patch(ingestion_wiring, "SandboxedReader", lambda *_, **__: ReadInProcess(InProcessParser(), chunk_per_block))
        patch(recognition_wiring, "SandboxedPageDrawer", TextDrawer)
        patch(recognition_wiring, "RapidOcr", lambda **_: TextRecogniser())
        patch(answering_wiring, "answer_question", lambda: answered)
        patch(answering_wiring, "search_passages", lambda: searched)
        patch(ingestion_wiring, "IngestDocument", partial(IngestDocument, chunks_per_part=2))

    def _set_environment(self) -> None:
        for name, value in {
            "REGISTRY_TABLE": "registry", "DOCUMENTS_BUCKET": DOCUMENTS, "ARTIFACTS_BUCKET": ARTIFACTS,
            "INGEST_QUEUE_URL": self.urls["ingest"], "EMBED_QUEUE_URL": self.urls["embed"], "BUS_NAME": BUS,
            "SEARCH_URL": f"sqlite://{self.index_folder}", "MODELS_DIRECTORY": "/nowhere",
            "RECOGNITION_QUEUE_URL": self.urls["recognition"], "PROJECTOR_QUEUE_URL": self.urls["projector"],
            "CONTROL_TABLE": "control", "SOCKETS_URL": "http://127.0.0.1:9/sockets", "POWERTOOLS_LOG_LEVEL": "CRITICAL",
            "EVALUATION_QUEUE_URL": self.urls["evaluation"], "STAGE": "test",
        }.items():  # fmt: skip
            self.patch.setenv(name, value)
        self.fresh_processes()

    def fresh_processes(self) -> None:
        """Forget what the processes so far held in memory."""
        for module in (ingestion, embedding, dead_letter_handler, reconciliation, recognition, evaluation):
            cast("Any", module).wired.cache_clear()
        for held in (
            projector_wiring.activity_log,
            projector_wiring.own_queue,
            projector_wiring.delete_replaced,
            projector_wiring.tell_watchers,
            answering_wiring.settings,
            answering_wiring.artifacts,
            evaluation_wiring.settings,
            evaluation_wiring.event_bus,
            evaluation_wiring.evaluate_dataset,
        ):
            cast("Any", held).cache_clear()
        search_engines.search_index.cache_clear()

    def revive(self, index_folder: Path) -> None:
        """Go on after a death, on a copy of the index: nobody at work, nothing in memory."""
        self.effects.observer = None
        self.effects._at_work = False
        self.index_folder = index_folder
        self.patch.setenv("SEARCH_URL", f"sqlite://{index_folder}")
        self.fresh_processes()

    # --- what people and other systems do ------------------------------------------------------------------------

    @property
    def registry(self) -> DynamoRegistry:
        return DynamoRegistry("registry")

    @property
    def index(self) -> SearchIndex:
        return search_engines.search_index(f"sqlite://{self.index_folder}")

    def upload(self, document_id: str, text: str, *, replaces: str = "") -> DocumentRow:
        """Announce a document unless it is known, and put its bytes, of which S3 tells the queue."""
        row = self.row(document_id)
        if row is None:
            row = document(document_id, kb=self.kb).model_copy(update={"size_bytes": 1_000_000, "replaces": replaces})
            self.registry.create_document(row)
        client("s3").put_object(Bucket=DOCUMENTS, Key=row.object_key, Body=text.encode())
        self.notify(row.object_key)
        self.expected[document_id] = Expected(text)
        return row

    def tell(self, *events: Event) -> None:
        """Send events to the projector as the bus does."""
        for event in events:
            body = json.dumps({"detail-type": event.name, "detail": event.model_dump(mode="json")})
            client("sqs").send_message(QueueUrl=self.urls["projector"], MessageBody=body)
            self.news.add(event.event_id)

    def evaluate(self, *questions: str) -> None:
        """Put a dataset and ask for its run."""
        key, evaluation_id = "datasets/acme/questions.jsonl", f"eval_{'0' * 32}_acme"
        lines = "\n".join(json.dumps({"_id": str(at), "text": text}) for at, text in enumerate(questions))
        client("s3").put_object(Bucket=ARTIFACTS, Key=key, Body=lines.encode())
        event = EvaluationRequested(
            event_id="evt_evaluation", correlation_id="c", tenant_id="acme", occurred_at="x",
            evaluation_id=evaluation_id, dataset_key=key, kb_ids=("kb_1",), readers=("tenant:acme",),
        )  # fmt: skip
        client("sqs").send_message(QueueUrl=self.urls["evaluation"], MessageBody=event.model_dump_json())
        self.run = (evaluation_id, tuple(str(at) for at in range(len(questions))))

    def notify(self, key: str) -> None:
        """Send S3's notification."""
        body = json.dumps({"Records": [{"s3": {"object": {"key": key}}}]})
        client("sqs").send_message(QueueUrl=self.urls["ingest"], MessageBody=body)

    def lose_messages(self, queue: str) -> list[str]:
        """Take what waits in a queue away; returns the bodies."""
        sqs, url = client("sqs"), self.urls[queue]
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [message["Body"] for message in messages]

    def delete_document(self, document_id: str) -> None:
        """Ask the API."""
        self.expected[document_id].deleting = True
        with self.effects.of_a_process():
            self._documents().delete(PERSON, self.kb.kb_id, document_id, correlation_id="c")
        self.expected[document_id].deleted = True

    def retry_document(self, document_id: str) -> None:
        """Ask the API."""
        with self.effects.of_a_process():
            self._documents().retry(PERSON, self.kb.kb_id, document_id, correlation_id="c")

    def delete_knowledge_base(self) -> None:
        """Ask the API."""
        self.kb_deleting = True
        with self.effects.of_a_process():
            self._knowledge_bases().delete(PERSON, self.kb.kb_id, correlation_id="c")
        self.kb_deleted = True

    def _documents(self) -> Documents:
        queue = SqsIngestQueue(self.urls["ingest"])
        versions = S3SourceVersions(DOCUMENTS)
        return Documents(self.registry, cast("Any", None), versions, queue, clock.system_clock, new_id)

    def _knowledge_bases(self) -> KnowledgeBases:
        store = DynamoControlStore("control")
        return KnowledgeBases(
            registry=self.registry,
            names=KnowledgeBaseNames(self.registry, store, clock.system_clock),
            log=store,
            queue=SqsIngestQueue(self.urls["ingest"]),
            ml=cast("Any", None),
            clock=clock.system_clock,
            new_id=new_id,
            bucket=DOCUMENTS,
        )

    # --- what the runtime does -----------------------------------------------------------------------------------

    def drain(self) -> int:
        """Deliver until the queues are empty; returns how many messages were delivered."""
        delivered = 0
        handlers: dict[str, Handler] = {
            "ingest": ingestion.handler, "embed": embedding.handler, "recognition": recognition.handler,
            "evaluation": evaluation.handler, "projector": projector.handler, "dead": dead_letter_handler.handler,
        }  # fmt: skip
        while round_ := sum(self._deliver(name, handler) for name, handler in handlers.items()):
            delivered += round_
        return delivered

    def _deliver(self, name: str, handler: Handler) -> int:
        sqs, url = client("sqs"), self.urls[name]
        answer = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0, AttributeNames=["ApproximateReceiveCount"]
        )
        messages = answer.get("Messages", [])
        for message in messages:
            if self._handled(name, handler, message):
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return len(messages)

    def _handled(self, name: str, handler: Handler, message: Any) -> bool:
        if name != "dead" and int(message["Attributes"]["ApproximateReceiveCount"]) > MOST_RECEIVES:
            client("sqs").send_message(QueueUrl=self.urls["dead"], MessageBody=message["Body"])
            return True
        with self.effects.of_a_process():
            failed = handler(sqs_event(message["Body"]), CONTEXT)["batchItemFailures"]
        self.look()
        return not failed

    def reconcile(self) -> dict[str, int]:
        """Let the schedule tick."""
        with self.effects.of_a_process():
            found: dict[str, int] = reconciliation.handler({}, CONTEXT)
        self.look()
        return found

    def rest(self) -> None:
        """Deliver, let time pass and reconcile until there is nothing left to do.

        Raises:
            NeverAtRest: there always is something.
        """
        for _ in range(MOST_ROUNDS):
            self.drain()
            self.now += LATE
            report = self.reconcile()
            if not self.drain() and not any(value for name, value in report.items() if name != "documents"):
                return
        raise NeverAtRest(f"still at work after {MOST_ROUNDS} rounds of {LATE}: {report}")

    # --- what can be seen ----------------------------------------------------------------------------------------

    def row(self, document_id: str) -> DocumentRow | None:
        return self.registry.document(self.kb.tenant_id, self.kb.kb_id, document_id)

    def rows(self) -> list[KnowledgeBaseRow | DocumentRow]:
        return list(self.registry.scan())

    def living(self) -> list[KnowledgeBaseRow | DocumentRow]:
        """Return the rows without the receipt of a knowledge base that is gone."""
        return [row for row in self.rows() if isinstance(row, DocumentRow) or row.receipt is None]
