"""Recognise the text of scanned pages.

Trigger: the recognition queue (PagesUnread). Reads: the source in S3, the registry. Writes: recognised pages to S3,
progress to the registry. Emits: DocumentChanged to the ingest queue when the last page is done.
"""

from functools import cache
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.ml.ports import Queue
from functions.ml.recognition.messages import recognise_message
from functions.ml.recognition.service import RecognisePages
from shared.contracts.events import PagesUnread
from shared.kernel.observability import logger, metrics

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


@cache
def wired() -> tuple[RecognisePages, Queue]:
    """Build the collaborators once per execution environment, on first use, so that import stays free of AWS."""
    from functions.ml.recognition import wiring  # noqa: PLC0415 - loads the adapters

    return wiring.recognise_pages(), wiring.recognition_queue()


def on_message(record: SQSRecord) -> None:
    """Recognise the pages of one message; an unreadable message raises and ends among the dead letters."""
    recognise, queue = wired()
    metrics().add_metric(name="RecognitionMessages", unit=MetricUnit.Count, value=1)
    event = PagesUnread.parse(record.body)
    keys = {"tenant_id": event.tenant_id, "correlation_id": event.correlation_id, "document_id": event.document_id}
    with logger().append_context_keys(**keys):
        outcome, error = recognise_message(recognise, queue, event, record.body)
        if error is not None:
            logger().warning("recognition postponed", code=error.code, pages=event.pages)
            return
        logger().info("recognition done", outcome=outcome, pages=event.pages)
        metrics().add_metric(name=f"Pages{outcome.capitalize()}", unit=MetricUnit.Count, value=len(event.pages))


@logger().inject_lambda_context(clear_state=True)
@metrics().log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Process a batch; failed messages alone are delivered again."""
    return dict(process_partial_response(event, on_message, processor, context))
