"""The public API.

Trigger: API Gateway REST proxy events, one per route of `shared/contracts/routes.py`, behind a Cognito authorizer.
Reads and writes: registry, control table, idempotency table; presigns uploads; calls the ML API.
Emits: `document.changed.v1` on the ingest queue.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from chalice import Chalice

from functions.application.api import calls
from functions.application.api.blueprints import (
    account,
    bots,
    conversations,
    documents,
    evaluations,
    home,
    knowledge_bases,
    openapi,
    releases,
    status,
)
from functions.application.api.routing import PREFIX, to_response
from shared.kernel.errors import NotFound
from shared.kernel.observability import logger, metrics

app = Chalice(app_name="strata", configure_logs=False)
for blueprint in (
    account, bots, conversations, documents, evaluations, home, knowledge_bases, openapi, releases, status
):  # fmt: skip
    app.register_blueprint(blueprint.routes, url_prefix=PREFIX)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one request."""
    return _entry()(event, context)


def serve(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Hand a request to its view; a path or method that no template declares is not found."""
    resource = event["requestContext"]
    if resource["httpMethod"] in app.routes.get(resource["resourcePath"], {}):
        answer: dict[str, Any] = app(event, context)
        return answer
    error = NotFound("There is no such address.", code="unknown_route")
    refusal, headers = calls.refused(error, str(resource.get("requestId", "")))
    refused: dict[str, Any] = to_response(refusal, headers).to_dict()
    return refused


@cache
def _entry() -> Callable[[dict[str, Any], object], dict[str, Any]]:
    """Wrap the entry point with logging and metrics on first use, so that import reads no environment."""
    measured = metrics().log_metrics(serve)
    logged: Callable[[dict[str, Any], object], dict[str, Any]] = logger().inject_lambda_context(
        measured, correlation_id_path="requestContext.requestId", clear_state=True
    )
    return logged
