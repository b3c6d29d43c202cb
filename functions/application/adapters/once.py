"""Idempotent writes: Powertools' idempotency on its table."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from shared.kernel.aws import client
from shared.kernel.errors import Conflict, Unavailable

KEPT = timedelta(hours=24)


class PowertoolsOnce:
    """The Once port. An action that raises leaves the key free; one that was killed frees it at its time limit."""

    def __init__(self, table: str) -> None:
        self._table = table

    def __call__(
        self, *, key: str, payload: str, action: Callable[[], dict[str, object]], context: object
    ) -> dict[str, object]:
        """Run the action, or return what it returned under this key."""
        # Powertools' idempotency imports boto3: loaded on first use.
        from aws_lambda_powertools.utilities.idempotency import (  # noqa: PLC0415
            DynamoDBPersistenceLayer,
            IdempotencyConfig,
            exceptions,
            idempotent_function,
        )

        config = IdempotencyConfig(
            event_key_jmespath="key",
            payload_validation_jmespath="payload",
            raise_on_no_idempotency_key=True,
            expires_after_seconds=int(KEPT.total_seconds()),
            hash_function="sha256",
        )
        context_: Any = context
        config.register_lambda_context(context_)
        store = DynamoDBPersistenceLayer(table_name=self._table, boto3_client=client("dynamodb"))

        @idempotent_function(  # type: ignore[untyped-decorator]
            data_keyword_argument="request", persistence_store=store, config=config, key_prefix="api"
        )
        def run(*, request: dict[str, str]) -> dict[str, object]:
            return action()

        try:
            result: dict[str, object] = run(request={"key": key, "payload": payload})
        except exceptions.IdempotencyValidationError as error:
            raise Conflict(
                "This Idempotency-Key was sent with another request. Use a new key.", code="idempotency_key_reused"
            ) from error
        except exceptions.IdempotencyAlreadyInProgressError as error:
            raise Conflict(
                "The first request with this Idempotency-Key still runs. Ask again in a moment.",
                code="request_in_progress",
            ) from error
        except (exceptions.IdempotencyPersistenceLayerError, exceptions.IdempotencyInconsistentStateError) as error:
            raise Unavailable(
                "The request could not be recorded. Send it again with the same Idempotency-Key.",
                code="idempotency_unavailable",
            ) from error
        return result
