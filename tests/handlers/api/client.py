"""A client that speaks to the handler in real API Gateway proxy events, with tokens of a test key."""

import json
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

import jwt
from aws_lambda_powertools.utilities.typing import LambdaContext
from cryptography.hazmat.primitives.asymmetric import rsa

from functions.application.api.handler import handler
from shared.contracts.routes import PUBLIC
from tests.fakes.application import AUDIENCE, ISSUER

KID = "test-key"


@cache
def private_key(name: str) -> rsa.RSAPrivateKey:
    """Make a key once per test run; the name tells keys apart."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def key_set() -> dict[str, Any]:
    """Return the public half as Cognito publishes it."""
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private_key(KID).public_key()))
    return {"keys": [{**public, "kid": KID, "use": "sig", "alg": "RS256"}]}


def token(user_id: str, *, key: str = KID, kid: str = KID, leave_out: str = "", **changes: object) -> str:
    """Make an id token like Cognito's, with changes."""
    now = int(time.time())
    claims: dict[str, object] = {
        "sub": user_id,
        "aud": AUDIENCE,
        "iss": ISSUER,
        "token_use": "id",
        "iat": now - 10,
        "exp": now + 600,
        "email": f"{user_id}@example.org",
    }
    claims = {name: value for name, value in {**claims, **changes}.items() if name != leave_out}
    return jwt.encode(claims, private_key(key), algorithm="RS256", headers={"kid": kid})


@dataclass
class Answer:
    """What the gateway would send."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str:
        """The error's code."""
        return str(self.body["error"]["code"])


class Context(LambdaContext):
    """The context of one invocation."""

    def __init__(self) -> None:
        self._function_name = "api"
        self._memory_limit_in_mb = 512
        self._invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:api"
        self._aws_request_id = "aws-request"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 29_000


def resource_of(method: str, path: str) -> tuple[str, dict[str, str]]:
    """Match a path to the route table: the resource's path and its ids, as the gateway does."""
    parts = path.split("/")
    for route in PUBLIC:
        template = route.path.split("/")
        if route.method == method and len(template) == len(parts):
            pairs = list(zip(template, parts, strict=True))
            if all(name == part or name.startswith("{") for name, part in pairs):
                return route.path, {name[1:-1]: part for name, part in pairs if name.startswith("{")}
    return path, {}


def call(
    method: str,
    path: str,
    body: object = None,
    *,
    bearer: str | None = None,
    query: dict[str, str] | None = None,
    key: str = "",
) -> Answer:
    """Send one request; a string body goes as it is."""
    resource, ids = resource_of(method, path)
    headers = {"Content-Type": "application/json", "Accept": "*/*"}
    headers |= {"Authorization": f"Bearer {bearer}"} if bearer is not None else {}
    headers |= {"Idempotency-Key": key} if key else {}
    event = {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} if query else None,
        "pathParameters": ids or None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": resource,
            "httpMethod": method,
            "path": f"/test{path}",
            "stage": "test",
            "requestId": "request-1",
            "identity": {"sourceIp": "127.0.0.1"},
        },
        "body": body if isinstance(body, str) or body is None else json.dumps(body),
        "isBase64Encoded": False,
    }
    answer = handler(event, Context())
    return Answer(answer["statusCode"], json.loads(answer["body"]), answer["headers"])


@dataclass
class Caller:
    """One signed-in person's client."""

    user_id: str

    def __call__(self, method: str, path: str, body: object = None, **more: Any) -> Answer:
        return call(method, f"/v1{path}", body, bearer=token(self.user_id), **more)
