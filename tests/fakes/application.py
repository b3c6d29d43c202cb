"""The whole application layer on fakes, with people of two tenants."""

from dataclasses import dataclass, field
from typing import Any

from functions.application.adapters.tokens import CognitoTokens
from functions.application.api.wiring import Application, Collaborators, assemble
from functions.application.domain.principals import Principal
from functions.application.domain.records import UserRow
from functions.application.services.principals import ResolvePrincipal
from functions.application.settings import ApiSettings
from shared.kernel.clock import system_clock
from tests.fakes.application_ports import (
    CountedIds,
    MemoryDatasets,
    MemoryGauge,
    MemoryMl,
    MemoryOnce,
    MemoryParts,
    MemorySigner,
    MemorySources,
    MemoryVersions,
    SteppedClock,
)
from tests.fakes.control_store import MemoryControlStore
from tests.fakes.queue import MemoryQueue
from tests.fakes.registry import MemoryRegistry
from tests.fakes.sockets import MemorySocketStore
from tests.fakes.usage import MemoryUsage

ISSUER = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_pool"
AUDIENCE = "client"
SETTINGS = ApiSettings(
    stage="test",
    registry_table="registry",
    control_table="control",
    idempotency_table="idempotency",
    documents_bucket="documents",
    artifacts_bucket="artifacts",
    ingest_queue_url="q1",
    ingest_dead_letters_url="q2",
    embed_queue_url="q3",
    embed_dead_letters_url="q4",
    recognition_queue_url="q9",
    recognition_dead_letters_url="q10",
    evaluation_queue_url="q5",
    evaluation_dead_letters_url="q6",
    projector_queue_url="q7",
    projector_dead_letters_url="q8",
    user_pool_id="eu-central-1_pool",
    user_pool_client_id=AUDIENCE,
    ml_api_url_parameter="/strata/test/ml-api-url",
    questions_per_minute=5,
    searches_per_minute=5,
)
PEOPLE: tuple[UserRow, ...] = (
    UserRow(tenant_id="acme", user_id="ada", email="ada@acme.example", name="Ada", role="admin"),
    UserRow(tenant_id="acme", user_id="bob", email="bob@acme.example", name="Bob"),
    UserRow(tenant_id="acme", user_id="cat", email="cat@acme.example", name="Cat"),
    UserRow(tenant_id="acme", user_id="sus", email="sus@acme.example", name="Sus", suspended=True),
    UserRow(tenant_id="other", user_id="eve", email="eve@other.example", name="Eve", role="admin"),
)


@dataclass
class World:
    """Everything behind the API, in memory."""

    keys: dict[str, Any] = field(default_factory=lambda: {"keys": []})
    store: MemoryControlStore = field(default_factory=MemoryControlStore)
    usage: MemoryUsage = field(default_factory=MemoryUsage)
    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    queue: MemoryQueue = field(default_factory=MemoryQueue)
    signer: MemorySigner = field(default_factory=MemorySigner)
    parts: MemoryParts = field(default_factory=MemoryParts)
    sources: MemorySources = field(default_factory=MemorySources)
    versions: MemoryVersions = field(default_factory=MemoryVersions)
    datasets: MemoryDatasets = field(default_factory=MemoryDatasets)
    gauge: MemoryGauge = field(default_factory=MemoryGauge)
    ml: MemoryMl = field(default_factory=MemoryMl)
    sockets: MemorySocketStore = field(default_factory=MemorySocketStore)
    once: MemoryOnce = field(default_factory=MemoryOnce)
    clock: SteppedClock = field(default_factory=SteppedClock)
    new_id: CountedIds = field(default_factory=CountedIds)

    def __post_init__(self) -> None:
        self.ml.clock = self.clock
        self.store.users.update({person.user_id: person for person in PEOPLE})

    def application(self) -> Application:
        tokens = CognitoTokens(issuer=ISSUER, audience=AUDIENCE, fetch_keys=lambda: self.keys, clock=system_clock)
        return assemble(
            Collaborators(
                resolve=ResolvePrincipal(tokens, self.store),
                once=self.once,
                store=self.store,
                usage=self.usage,
                registry=self.registry,
                signer=self.signer,
                sources=self.sources,
                versions=self.versions,
                parts=self.parts,
                datasets=self.datasets,
                queue=self.queue,
                gauge=self.gauge,
                redriver=self.gauge,
                ml=self.ml,
                sockets=self.sockets,
                clock=self.clock,
                new_id=self.new_id,
            ),
            SETTINGS,
        )


def person(user_id: str) -> Principal:
    """Return one of the people as the API knows them."""
    row = next(row for row in PEOPLE if row.user_id == user_id)
    return Principal(row.user_id, row.tenant_id, row.email, row.name, row.role)
