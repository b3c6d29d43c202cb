"""What people do, through the real functions on AWS in process: each request noted on its function."""

import json
from typing import Any

import boto3

from functions.application.adapters import ml_api_client, tokens
from functions.application.adapters.control_items import stored, user_key
from functions.application.api import wiring as api_wiring
from functions.application.sockets import handler as sockets
from functions.application.sockets import streaming
from functions.application.sockets import wiring as sockets_wiring
from functions.ml.answering import handler as answering
from functions.ml.answering import wiring as answering_wiring
from functions.ml.ingestion import handler as ingestion
from functions.ml.reconciliation import handler as reconciliation
from shared.contracts.routes import PUBLIC
from tests.cloud import make_table
from tests.crash.invocation import CONTEXT
from tests.crash.world import World
from tests.fakes.application import PEOPLE, SETTINGS
from tests.handlers.api.client import Answer, Caller, key_set
from tests.rights.recorder import Recorder

REAL = {name: getattr(answering_wiring, name) for name in ("answer_question", "search_passages")}
QUEUES = ("ingest", "embed", "recognition", "evaluation", "projector")
CACHED = (
    *(api_wiring.settings, api_wiring.wired, sockets_wiring.sockets, sockets_wiring.open_connection),
    *(sockets_wiring.connections, sockets_wiring.record, sockets_wiring.write_answer),
)


class People:
    """Ada, an administrator, on a world with documents."""

    def __init__(self, world: World, recorder: Recorder) -> None:
        self.world = world
        self.recorder = recorder
        self.routes: set[tuple[str, str]] = set()
        self._build()

    def _build(self) -> None:
        patch = self.world.patch
        make_table("streams", "stream")
        make_table("idempotency", "id")
        for person in PEOPLE:
            boto3.client("dynamodb").put_item(TableName="control", Item=stored(person, user_key(person.user_id)))
        for name, value in self._environment().items():
            patch.setenv(name, value)
        boto3.client("ssm").put_parameter(Name="/strata/test/ml/api-url", Value="http://ml", Type="String")
        patch.setattr(tokens, "fetch_keys", lambda pool_id: key_set())
        patch.setattr(ml_api_client.MlApiClient, "_send", lambda _, *request: self.to_ml(*request))
        for name, real in REAL.items():
            patch.setattr(answering_wiring, name, real)
            real.cache_clear()
        patch.setattr(answering_wiring, "embedder_for_release", lambda _: self.world.embedder)
        self.forget()

    def forget(self) -> None:
        """Forget what the processes so far held in memory."""
        for cached in CACHED:
            cached.cache_clear()
        for held in vars(answering_wiring).values():
            if hasattr(held, "cache_clear"):
                held.cache_clear()

    def _environment(self) -> dict[str, str]:
        given = {name.upper(): str(value) for name, value in SETTINGS.model_dump().items()}
        for queue in QUEUES:
            dead = boto3.client("sqs").create_queue(QueueName=f"{queue}-dead-letters")["QueueUrl"]
            given |= {f"{queue}_QUEUE_URL".upper(): self.world.urls[queue], f"{queue}_DEAD_LETTERS_URL".upper(): dead}
        return given | {
            "ML_API_URL_PARAMETER": "/strata/test/ml/api-url",
            "QUESTIONS_PER_MINUTE": "600",
            "STREAMS_TABLE": "streams",
            "SOCKETS_URL": "http://sockets",
            "STREAMING_FUNCTION": "StreamingFunction",
            "ANSWER_MODEL": "extractive",
        }

    def to_ml(self, method: str, url: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Be the gateway between the layers."""
        self.recorder.note(("execute-api:Invoke", "ml-api"))
        path = url.removeprefix("http://ml")
        resource = "/v1/evaluations/{evaluation_id}" if path.startswith("/v1/evaluations/") else path
        function, handler = {
            "/v1/reconciliations": ("ReconcilerFunction", reconciliation.handler),
            "/v1/chunk-previews": ("IngestionFunction", ingestion.handler),
        }.get(path, ("AnsweringFunction", answering.handler))
        event = {
            "httpMethod": method, "path": path, "headers": {"content-type": "application/json"},
            "multiValueHeaders": {}, "queryStringParameters": None, "multiValueQueryStringParameters": None,
            "pathParameters": {"evaluation_id": path.rpartition("/")[2]}, "stageVariables": None,
            "isBase64Encoded": False, "body": body.decode() or None,
            "requestContext": {"resourcePath": resource, "path": path, "httpMethod": method, "identity": {}},
        }  # fmt: skip
        with self.recorder.by(function):
            answer = handler(event, CONTEXT)
        return answer["statusCode"], {}, answer["body"].encode()

    def ask(self, method: str, path: str, body: object = None, *, status: int = 200, **more: Any) -> Any:
        """Send a request to the public API as Ada; returns the body."""
        with self.recorder.by("ApiFunction"):
            answer: Answer = Caller("ada")(method, path, body, **more)
        assert answer.status == status, (method, path, answer.status, answer.body)
        self.routes.add((method, _route(method, f"/v1{path}")))
        return answer.body

    def say(self, connection_id: str, kind: str, **event: Any) -> Any:
        """Send one frame of a WebSocket."""
        context = {"eventType": kind, "connectionId": connection_id, "requestId": "r"}
        with self.recorder.by("SocketsFunction"):
            return sockets.handler({"requestContext": context, **event}, CONTEXT)

    def message(self, connection_id: str, **body: Any) -> None:
        """Send one message of a WebSocket."""
        self.say(connection_id, "MESSAGE", body=json.dumps(body))

    def write(self, message_id: str) -> None:
        """Have an answer written."""
        with self.recorder.by("StreamingFunction"):
            streaming.handler({"tenant_id": "acme", "message_id": message_id}, CONTEXT)


def _route(method: str, path: str) -> str:
    from tests.handlers.api.client import resource_of

    return resource_of(method, path)[0]


def missing(people: People) -> set[tuple[str, str]]:
    """Return the routes that nobody asked."""
    declared: set[tuple[str, str]] = {(route.method, route.path) for route in PUBLIC}
    return declared - people.routes
