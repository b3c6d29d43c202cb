"""The ingestion function's route of the ML API: how a document would be cut."""

import json
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from functions.ml.ingestion.preview import PreviewChunks
from shared.contracts.ml_api import ChunkPreviewRequest
from shared.kernel.errors import PlatformError
from shared.kernel.http_errors import error_response


def answer(event: dict[str, Any], preview: Callable[[], PreviewChunks]) -> dict[str, Any]:
    """Answer one request of API Gateway.

    A defect raises, so that the function fails and its log has the trace; the gateway answers it in our form.
    """
    try:
        request = ChunkPreviewRequest.model_validate_json(event.get("body") or "{}")
        return _response(200, preview()(request).model_dump(mode="json"))
    except (PlatformError, ValidationError) as error:
        status, body, headers = error_response(error)
        return _response(status, body, headers)


def _response(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", **(headers or {})},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }
