"""The gateway's open WebSockets, and the function that writes answers."""

import json
from functools import cached_property
from typing import Any

from shared.contracts.sockets import Down
from shared.kernel.aws import client, error_code, unavailable

SERVICE = "WebSockets"
GONE = frozenset({"GoneException", "410"})


class GatewayConnections:
    """The Connections port.

    Args:
        url: of the API's stage, as functions reach it.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def post(self, connection_id: str, message: Down) -> bool:
        """Post; a connection that is gone is told by the gateway."""
        try:
            self._gateway.post_to_connection(ConnectionId=connection_id, Data=message.model_dump_json().encode())
        except Exception as error:
            if error_code(error) in GONE:
                return False
            unavailable(SERVICE, error)
        return True

    def close(self, connection_id: str) -> None:
        """Close it."""
        try:
            self._gateway.delete_connection(ConnectionId=connection_id)
        except Exception as error:
            if error_code(error) not in GONE:
                unavailable(SERVICE, error)

    @cached_property
    def _gateway(self) -> Any:
        import boto3  # noqa: PLC0415 - loaded on first use
        from botocore.config import Config  # noqa: PLC0415

        config = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "max_attempts": 3})
        service: Any = "apigatewaymanagementapi"
        return boto3.session.Session().client(service, endpoint_url=self._url, config=config)


class LambdaWriters:
    """The Writers port: an asynchronous invocation."""

    def __init__(self, function: str) -> None:
        self._function = function

    def start(self, tenant_id: str, message_id: str) -> None:
        """Invoke and do not wait."""
        payload = json.dumps({"tenant_id": tenant_id, "message_id": message_id}).encode()
        try:
            client("lambda").invoke(FunctionName=self._function, InvocationType="Event", Payload=payload)
        except Exception as error:
            unavailable("Answering", error)
