"""The ML API: API Gateway (IAM) -> answers, searches, pages and passages of documents, releases, evaluations.

Reads the index, the registry and the artifacts bucket; queues evaluations; asks the model of the release.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from chalice.app import Chalice

from functions.ml.answering import wiring
from functions.ml.answering.routes import ErrorLog, routes
from shared.kernel.observability import logger


def _unexpected(error: Exception) -> None:
    """Log with the trace, never with the request: questions are the person's own."""
    logger().error("request failed", exc_info=error, error_code=getattr(error, "code", "internal"))


app = Chalice(app_name="strata-ml", configure_logs=False)
app.register_blueprint(routes(wiring, ErrorLog(_unexpected)))


@logger().inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request of API Gateway."""
    response: dict[str, Any] = app(event, context)
    return response
