"""The reconciler's two routes of the ML API: POST runs it now, GET gives the last report."""

import json
from collections.abc import Callable
from typing import Any

from functions.ml.reconciliation.report import LatestReport
from shared.kernel.errors import PlatformError
from shared.kernel.http_errors import error_response


def answer(method: str, *, run: Callable[[], object], latest: LatestReport) -> dict[str, Any]:
    """Answer one request of API Gateway with the report of the last run, after a new run where it is a POST.

    A defect raises, so that the function fails and its log has the trace; the gateway answers it in our form.
    """
    try:
        if method == "POST":
            run()
        return _response(200, latest().model_dump(mode="json"))
    except PlatformError as error:
        status, body, headers = error_response(error)
        return _response(status, body, headers)


def _response(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", **(headers or {})},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }
