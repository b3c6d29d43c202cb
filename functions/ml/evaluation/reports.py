"""Where reports lie, and what one looks like before, while and after it is made."""

import re

from shared.contracts.ml_api import EvaluationResponse
from shared.kernel.errors import NotFound

SCHEDULED_PREFIX = "datasets/scheduled/"
_ID = re.compile(r"^eval_[0-9a-f]{32}_(?P<tenant>[A-Za-z0-9_-]{1,100})$")


def report_key(evaluation_id: str) -> str:
    """Return the key of a report; an id holds its tenant, so that a report is found by its id alone.

    Raises:
        NotFound: the id cannot be one of ours, for example because it holds a slash.
    """
    match = _ID.match(evaluation_id)
    if match is None:
        raise NotFound("There is no such evaluation.", code="unknown_evaluation")
    return f"reports/{match['tenant']}/{evaluation_id}.json"


def is_own_dataset(tenant_id: str, dataset_key: str) -> bool:
    """Tell whether a dataset lies in one of the tenant's folders."""
    own = (f"datasets/{tenant_id}/", f"{SCHEDULED_PREFIX}{tenant_id}/")
    return dataset_key.startswith(own) and ".." not in dataset_key.split("/")


def written(report: EvaluationResponse) -> bytes:
    """Return the report's bytes."""
    return report.model_dump_json().encode()


def read(body: bytes) -> EvaluationResponse:
    """Read what `written` wrote."""
    return EvaluationResponse.model_validate_json(body)
