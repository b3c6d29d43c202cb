"""Embed parts of documents.

Trigger: the embed queue (DocumentChunked). Reads: the part in S3, the registry. Writes: the search index, the registry.
Emits: DocumentPublished or DocumentRejected to the bus.
"""

from functools import cache
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.ml.embedding.messages import embed_message
from functions.ml.embedding.service import EmbedPart
from functions.ml.ports import Queue
from shared.contracts.events import DocumentChunked
from shared.kernel.observability import logger, metrics

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


@cache
def wired() -> tuple[EmbedPart, Queue]:
    """Build the collaborators once per execution environment, on first use, so that import stays free of AWS."""
    from functions.ml.embedding import wiring  # noqa: PLC0415 - loads the adapters

    return wiring.embed_part(), wiring.embed_queue()


def on_message(record: SQSRecord) -> None:
    """Embed one part; an unreadable message raises and ends among the dead letters."""
    embed, queue = wired()
    metrics().add_metric(name="EmbeddingMessages", unit=MetricUnit.Count, value=1)
    event = DocumentChunked.parse(record.body)
    keys = {"tenant_id": event.tenant_id, "correlation_id": event.correlation_id, "document_id": event.document_id}
    with logger().append_context_keys(**keys):
        outcome, error = embed_message(embed, queue, event, record.body)
        if outcome == "postponed":
            logger().warning("embedding postponed", code=error.code if error else "", part=event.part)
            return
        logger().info("embedding done", outcome=outcome, part=event.part, parts_total=event.parts_total)
        metrics().add_metric(name=f"Part{outcome.capitalize()}", unit=MetricUnit.Count, value=1)


@logger().inject_lambda_context(clear_state=True)
@metrics().log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Process a batch; failed messages alone are delivered again."""
    return dict(process_partial_response(event, on_message, processor, context))
