"""The API function's collaborators, chosen once per execution environment, on first use."""

import os
from dataclasses import dataclass
from functools import cache

from functions.application.file_ports import DatasetStore, PartSigner, SourceSigner, SourceVersions, UploadSigner
from functions.application.ports import ControlStore, IngestQueue, MlApi, Once, QueueGauge, Redrive, UsageStore
from functions.application.services.bots import Bots
from functions.application.services.conversations import Conversations, SendMessage
from functions.application.services.documents import Documents
from functions.application.services.evaluations import Evaluations
from functions.application.services.finding import FindThings
from functions.application.services.knowledge_bases import KnowledgeBases
from functions.application.services.limits import RateLimit
from functions.application.services.names import KnowledgeBaseNames
from functions.application.services.operations import Operations
from functions.application.services.previews import Previews
from functions.application.services.principals import LookUpAddress, ResolvePrincipal
from functions.application.services.questions import Questions
from functions.application.services.status import PlatformStatus
from functions.application.services.tickets import IssueTicket
from functions.application.services.uploads import Uploads
from functions.application.services.usage import RecordUse, Usage
from functions.application.services.views import Views
from functions.application.settings import ApiSettings
from functions.application.socket_ports import SocketStore
from shared.kernel.clock import Clock, system_clock
from shared.kernel.ids import NewId, new_id
from shared.registry.ports import Registry


@dataclass(frozen=True)
class Collaborators:
    """What the use cases stand on: the real ones in a function, others in tests."""

    resolve: ResolvePrincipal
    once: Once
    store: ControlStore
    usage: UsageStore
    registry: Registry
    signer: UploadSigner
    parts: PartSigner
    sources: SourceSigner
    versions: SourceVersions
    datasets: DatasetStore
    queue: IngestQueue
    gauge: QueueGauge
    redriver: Redrive
    ml: MlApi
    sockets: SocketStore
    clock: Clock
    new_id: NewId


@dataclass(frozen=True)
class Application:
    """Every use case, ready to call."""

    resolve: ResolvePrincipal
    once: Once
    ml: MlApi
    knowledge_bases: KnowledgeBases
    documents: Documents
    bots: Bots
    conversations: Conversations
    send_message: SendMessage
    issue_ticket: IssueTicket
    questions: Questions
    previews: Previews
    views: Views
    uploads: Uploads
    usage: Usage
    find: FindThings
    evaluations: Evaluations
    status: PlatformStatus
    operations: Operations


@cache
def settings() -> ApiSettings:
    """Read this function's environment once."""
    return ApiSettings.from_env(os.environ)


def allowed_origin() -> str:
    """Return the web origin that browsers may call from."""
    return settings().allowed_origin


@cache
def wired() -> Application:
    """Build the use cases on AWS."""
    from functions.application.adapters.control_table import DynamoControlStore
    from functions.application.adapters.ml_api_client import MlApiClient
    from functions.application.adapters.once import PowertoolsOnce
    from functions.application.adapters.part_uploads import S3PartSigner
    from functions.application.adapters.queues import SqsGauge, SqsIngestQueue
    from functions.application.adapters.socket_table import DynamoSocketStore
    from functions.application.adapters.storage import S3DatasetStore, S3SourceSigner, S3SourceVersions, S3UploadSigner
    from functions.application.adapters.tokens import cognito_tokens
    from functions.application.adapters.usage_table import DynamoUsage
    from shared.registry.dynamodb import DynamoRegistry

    env = settings()
    store = DynamoControlStore(env.control_table)
    queues = SqsGauge(
        queues={
            "ingest": env.ingest_queue_url,
            "embed": env.embed_queue_url,
            "recognition": env.recognition_queue_url,
            "evaluation": env.evaluation_queue_url,
            "projector": env.projector_queue_url,
        },
        dead_letters={
            "ingest": env.ingest_dead_letters_url,
            "embed": env.embed_dead_letters_url,
            "recognition": env.recognition_dead_letters_url,
            "evaluation": env.evaluation_dead_letters_url,
            "projector": env.projector_dead_letters_url,
        },
    )
    return assemble(
        Collaborators(
            resolve=ResolvePrincipal(cognito_tokens(env.user_pool_id, env.user_pool_client_id), store),
            once=PowertoolsOnce(env.idempotency_table),
            store=store,
            usage=DynamoUsage(env.control_table),
            registry=DynamoRegistry(env.registry_table),
            signer=S3UploadSigner(env.documents_bucket),
            parts=S3PartSigner(env.documents_bucket),
            sources=S3SourceSigner(env.documents_bucket),
            versions=S3SourceVersions(env.documents_bucket),
            datasets=S3DatasetStore(env.artifacts_bucket),
            queue=SqsIngestQueue(env.ingest_queue_url),
            gauge=queues,
            redriver=queues,
            ml=MlApiClient(env.ml_api_url_parameter),
            sockets=DynamoSocketStore(env.control_table),
            clock=system_clock,
            new_id=new_id,
        ),
        env,
    )


def assemble(on: Collaborators, env: ApiSettings) -> Application:
    """Join use cases and collaborators."""
    registry, store, ml, clock = on.registry, on.store, on.ml, on.clock
    question_limit = RateLimit(store, clock, "questions", env.questions_per_minute)
    record = RecordUse(on.usage, clock)
    search_limit = RateLimit(store, clock, "searches", env.searches_per_minute)
    return Application(
        resolve=on.resolve,
        once=on.once,
        ml=ml,
        knowledge_bases=KnowledgeBases(
            registry=registry,
            names=KnowledgeBaseNames(registry, store, clock),
            log=store,
            queue=on.queue,
            ml=ml,
            clock=clock,
            new_id=on.new_id,
            bucket=env.documents_bucket,
            address=LookUpAddress(store),
        ),
        documents=Documents(registry, on.signer, on.versions, on.queue, clock, on.new_id, LookUpAddress(store)),
        bots=Bots(registry, store, clock, on.new_id),
        conversations=Conversations(store, record, clock, on.new_id),
        send_message=SendMessage(store, registry, ml, question_limit, record, clock, on.new_id),
        issue_ticket=IssueTicket(on.sockets, clock, env.socket_url),
        previews=Previews(registry, ml, question_limit),
        uploads=Uploads(registry, on.parts, clock),
        usage=Usage(registry, store, on.usage, clock),
        find=FindThings(registry, store),
        views=Views(registry, store, on.sources, ml),
        questions=Questions(registry, ml, question_limit, search_limit),
        evaluations=Evaluations(store, registry, on.datasets, ml, clock, on.new_id),
        status=PlatformStatus(registry, on.gauge, ml, clock),
        operations=Operations(registry, on.gauge, on.redriver, on.queue, ml, clock),
    )
