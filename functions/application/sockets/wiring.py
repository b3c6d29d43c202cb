"""The collaborators of the two functions behind the WebSocket API, chosen on first use."""

import os
from functools import cache

from functions.application.services.conversations import SendMessage
from functions.application.services.limits import RateLimit
from functions.application.services.sockets import Sockets
from functions.application.services.streaming import WriteAnswer
from functions.application.services.tickets import OpenConnection
from functions.application.services.usage import RecordUse
from functions.application.settings import SocketsSettings, StreamingSettings
from functions.application.socket_ports import Connections
from shared.kernel.clock import system_clock
from shared.kernel.ids import new_id


@cache
def sockets() -> Sockets:
    """Build what carries out messages."""
    from functions.application.adapters.connections import LambdaWriters
    from functions.application.adapters.control_table import DynamoControlStore
    from functions.application.adapters.socket_table import DynamoSocketStore
    from shared.registry.dynamodb import DynamoRegistry
    from shared.streams.dynamodb import DynamoStreams

    env = SocketsSettings.from_env(os.environ)
    store, registry = DynamoControlStore(env.control_table), DynamoRegistry(env.registry_table)
    limit = RateLimit(store, system_clock, "questions", env.questions_per_minute)
    return Sockets(
        store=store,
        sockets=DynamoSocketStore(env.control_table),
        registry=registry,
        send=SendMessage(store, registry, None, limit, record(), system_clock, new_id),
        streams=DynamoStreams(env.streams_table),
        connections=connections(),
        writers=LambdaWriters(env.streaming_function),
        clock=system_clock,
        new_id=new_id,
        most_streams=env.streams_per_user,
    )


@cache
def open_connection() -> OpenConnection:
    """Build what takes tickets."""
    return OpenConnection(sockets().sockets, sockets().store, system_clock)


@cache
def connections() -> Connections:
    """Return the open WebSockets."""
    from functions.application.adapters.connections import GatewayConnections

    return GatewayConnections(os.environ["SOCKETS_URL"])


@cache
def record() -> RecordUse:
    """Return what counts answers."""
    from functions.application.adapters.usage_table import DynamoUsage

    return RecordUse(DynamoUsage(os.environ["CONTROL_TABLE"]), system_clock)


@cache
def write_answer() -> WriteAnswer:
    """Build what writes answers."""
    from functions.application.adapters.control_table import DynamoControlStore
    from functions.application.adapters.ml_api_client import MlApiClient
    from functions.application.adapters.socket_table import DynamoSocketStore
    from shared.registry.dynamodb import DynamoRegistry
    from shared.streams.dynamodb import DynamoStreams

    env = StreamingSettings.from_env(os.environ)
    return WriteAnswer(
        store=DynamoControlStore(env.control_table),
        sockets=DynamoSocketStore(env.control_table),
        registry=DynamoRegistry(env.registry_table),
        streams=DynamoStreams(env.streams_table),
        connections=connections(),
        ml=MlApiClient(env.ml_api_url_parameter),
        record=record(),
        clock=system_clock,
    )
