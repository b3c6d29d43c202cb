"""A blueprint whose routes know who calls, answer errors in one form, and run repeated writes once.

Chalice turns an exception of a view into a bare 500 before any middleware sees it: errors are mapped around the view.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from chalice import Blueprint, Response
from pydantic import BaseModel

from functions.application.api import calls, wiring
from functions.application.api.calls import Call
from shared.contracts.routes import PUBLIC
from shared.kernel.errors import Invalid, PlatformError
from shared.kernel.observability import logger, metrics

PREFIX = "/v1"
STATUSES: dict[tuple[str, str], int] = {(route.method, route.path): route.status for route in PUBLIC}
View = Callable[..., BaseModel | str]


class Routes(Blueprint):  # type: ignore[misc]
    """A blueprint mounted under /v1 whose views take a `Call` and the path's ids, and return a model."""

    def route(self, path: str, *, method: str) -> Callable[[View], View]:  # type: ignore[override,unused-ignore]
        """Register a view for one method of a path that the route table has."""
        status = STATUSES[(method, PREFIX + path)]
        register = super().route(path, methods=[method], content_types=["*/*"])

        def decorate(view: View) -> View:
            def answer(**ids: str) -> Response:
                return respond(self.current_request, self.lambda_context, view, ids, status)

            answer.__name__ = view.__name__
            register(answer)
            return view

        return decorate


def respond(request: Any, context: object, view: View, ids: dict[str, str], status: int) -> Response:
    """Answer one request; nothing escapes."""
    request_id = str(request.context.get("requestId", ""))
    headers: dict[str, str] = {}
    try:
        call = identified(request, request_id)
        logger().append_keys(tenant_id=call.principal.tenant_id, user_id=call.principal.user_id, **ids)
        answer = answered(request, context, call, lambda: calls.served(view(call, **ids), status))
    except PlatformError as error:
        answer, headers = calls.refused(error, request_id)
        logger().info("request refused", code=error.code, status=error.status)
    except Exception as error:
        answer = calls.failed(error, request_id)
    return to_response(answer, headers)


def identified(request: Any, request_id: str) -> Call:
    """Find out who calls, before anything of the request is looked at. Raises Unauthorized, Forbidden, Unavailable."""
    principal = wiring.wired().resolve(request.headers.get("authorization", ""))
    raw = request.raw_body
    return Call(
        principal=principal,
        correlation_id=request_id,
        raw_body=raw.encode() if isinstance(raw, str) else raw,
        query=dict(request.query_params or {}),
        idempotency_key=request.headers.get("idempotency-key", ""),
    )


def answered(request: Any, context: object, call: Call, action: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Run a view; a write with an Idempotency-Key once per tenant, person, route and key."""
    if request.method == "GET" or not call.idempotency_key:
        return action()
    if len(call.idempotency_key) > calls.MAX_KEY_CHARACTERS:
        raise Invalid(
            f"Idempotency-Key: at most {calls.MAX_KEY_CHARACTERS} characters.", code="invalid_idempotency_key"
        )
    path = request.path.format_map(request.uri_params or {})
    parts = (call.principal.tenant_id, call.principal.user_id, request.method, path, call.idempotency_key)
    return wiring.wired().once(
        key="\x1f".join(parts),
        payload=hashlib.sha256(call.raw_body).hexdigest(),
        action=action,
        context=context,
    )


def to_response(answer: dict[str, Any], headers: dict[str, str]) -> Response:
    """Make the gateway's response, and count its outcome."""
    status = int(answer["status"])
    metrics().add_metric(name=calls.outcome_of(status), unit="Count", value=1)
    return Response(
        body=answer["body"],
        status_code=status,
        headers={
            "Content-Type": "application/json",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Access-Control-Allow-Origin": wiring.allowed_origin(),
            "Access-Control-Expose-Headers": "Retry-After",
            **headers,
        },
    )
