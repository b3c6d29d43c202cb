"""Where reports lie, and what one looks like before, while and after it is made."""

import re

from shared.contracts.ml_api import EvaluationResponse
from shared.kernel.errors import NotFound

SCHEDULED_PREFIX = "datasets/scheduled/"
_ID = re.compile(r"^[A-Za-z0-9_-]{1,100}$")


def report_key(tenant_id: str, evaluation_id: str) -> str:
    """Return the key of a report.

    Raises:
        NotFound: the id cannot be one of ours, for example because it holds a slash.
    """
    if not (_ID.match(evaluation_id) and _ID.match(tenant_id)):
        raise NotFound("There is no such evaluation.", code="unknown_evaluation")
    return f"reports/{tenant_id}/{evaluation_id}.json"


def written(report: EvaluationResponse) -> bytes:
    """Return the report's bytes."""
    return report.model_dump_json().encode()


def read(body: bytes) -> EvaluationResponse:
    """Read what `written` wrote."""
    return EvaluationResponse.model_validate_json(body)
