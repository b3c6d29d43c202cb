"""Ingest documents.

Trigger: the ingest queue (S3 notifications, and DocumentChanged from the application layer and the reconciler), and the
ML API's `/v1/chunk-previews`, which needs the same sandbox to read a file.
Reads: the registry, the documents bucket. Emits: parts to the embed queue, outcomes to the bus.
"""

from functools import cache
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.ml.ingestion.messages import ingest_message
from functions.ml.ingestion.preview import PreviewChunks
from functions.ml.ingestion.requests import answer
from functions.ml.ingestion.service import IngestDocument
from functions.ml.ports import Queue
from shared.kernel.observability import logger, metrics

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


@cache
def wired() -> tuple[IngestDocument, Queue]:
    """Build the collaborators once per execution environment, on first use, so that import stays free of AWS."""
    from functions.ml.ingestion import wiring  # noqa: PLC0415 - loads the adapters

    logger().info("parsers isolated", extra=wiring.isolation())
    return wiring.ingest_document(), wiring.ingest_queue()


@cache
def preview() -> PreviewChunks:
    """Build what shows how a document is cut, on first use."""
    from functions.ml.ingestion import wiring  # noqa: PLC0415 - loads the adapters

    return wiring.preview_chunks()


def on_message(record: SQSRecord) -> None:
    """Ingest what one message hints at; an unreadable message raises and ends among the dead letters."""
    ingest, queue = wired()
    metrics().add_metric(name="IngestionMessages", unit=MetricUnit.Count, value=1)
    for hint, outcome, error in ingest_message(ingest, queue, record.body, message_id=record.message_id):
        if error is not None:
            logger().warning("ingestion postponed", code=error.code, object_key=hint.object_key)
            continue
        logger().info("ingestion done", outcome=outcome, document_id=hint.document_id, object_key=hint.object_key)
        metrics().add_metric(name=f"Ingestion{outcome.capitalize()}", unit=MetricUnit.Count, value=1)


@logger().inject_lambda_context(clear_state=True)
@metrics().log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Process a batch; failed messages alone are delivered again. A request of the API gets its answer."""
    if "httpMethod" in event:
        metrics().add_metric(name="ChunkPreviews", unit=MetricUnit.Count, value=1)
        return answer(event, preview)
    return dict(process_partial_response(event, on_message, processor, context))
