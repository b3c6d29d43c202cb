"""The WebSocket API on fakes: one person, one conversation, the answer written by hand or by the fake ML layer."""

from dataclasses import dataclass, field

from functions.application.domain.principals import Principal
from functions.application.domain.sockets import AnswerRow, ConnectionRow
from functions.application.services.conversations import SendMessage
from functions.application.services.delivery import Delivery
from functions.application.services.limits import RateLimit
from functions.application.services.sockets import Sockets
from functions.application.services.streaming import WriteAnswer
from functions.application.services.usage import RecordUse
from shared.contracts import api
from shared.contracts.sockets import Down, Up
from tests.fakes.application import World, person
from tests.fakes.sockets import MemoryConnections
from tests.fakes.streams import MemoryStreams
from tests.rows import knowledge_base


@dataclass
class StreamingWorld:
    """Everything behind the WebSocket API, in memory."""

    world: World = field(default_factory=World)
    streams: MemoryStreams = field(default_factory=MemoryStreams)
    connections: MemoryConnections = field(default_factory=MemoryConnections)
    started: list[tuple[str, str]] = field(default_factory=list)
    conversation_id: str = ""

    def __post_init__(self) -> None:
        ada, application = person("ada"), self.world.application()
        self.world.registry.create_knowledge_base(knowledge_base())
        bot = application.bots.create(ada, api.CreateBot(name="Desk", kb_ids=("kb_1",)))
        application.bots.publish(ada, bot.bot_id)
        self.conversation_id = application.conversations.create(
            ada, bot.bot_id, api.CreateConversation()
        ).conversation_id

    def start(self, tenant_id: str, message_id: str) -> None:
        """Be the Writers port: only note it."""
        self.started.append((tenant_id, message_id))

    @property
    def record(self) -> RecordUse:
        return RecordUse(self.world.usage, self.world.clock)

    @property
    def sockets(self) -> Sockets:
        world = self.world
        limit = RateLimit(world.store, world.clock, "questions", 1_000)
        return Sockets(
            store=world.store,
            sockets=world.sockets,
            registry=world.registry,
            send=SendMessage(world.store, world.registry, None, limit, self.record, world.clock, world.new_id),
            streams=self.streams,
            connections=self.connections,
            writers=self,
            clock=world.clock,
            new_id=world.new_id,
            most_streams=2,
        )

    @property
    def write(self) -> WriteAnswer:
        world = self.world
        return WriteAnswer(
            store=world.store,
            sockets=world.sockets,
            registry=world.registry,
            streams=self.streams,
            connections=self.connections,
            ml=world.ml,
            record=self.record,
            clock=world.clock,
        )

    def opened(self, connection_id: str, user_id: str = "ada") -> str:
        """Open a connection as a ticket would."""
        who: Principal = person(user_id)
        row = ConnectionRow(tenant_id=who.tenant_id, user_id=who.user_id, connection_id=connection_id)
        self.world.sockets.add_connection(row, expires_at=self.world.clock())
        return self.connections.opened(connection_id)

    def say(self, connection_id: str, message: Up) -> list[Down]:
        """Carry out one message and return what arrived on its connection because of it."""
        before = len(self.connections.arrived[connection_id])
        self.sockets(self.sockets.who(connection_id), connection_id, message)
        return self.connections.arrived[connection_id][before:]

    def row(self, message_id: str) -> AnswerRow:
        row = self.world.sockets.answer("acme", message_id)
        assert row is not None
        return row

    def delivery(self, message_id: str) -> Delivery:
        return Delivery(self.row(message_id), "?", self.world.sockets, self.streams, self.connections)
