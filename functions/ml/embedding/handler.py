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

from functions.ml.embedding.service import EmbedPart
from functions.ml.ports import Queue
from shared.contracts.events import DocumentChunked
from shared.kernel.errors import Rejected, Unavailable
from shared.kernel.observability import logger, metrics

POSTPONED_S = 10
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
        try:
            outcome = embed(event)
        except Unavailable as error:
            # An outage must not burn the receive count (rule 11): the message waits as a fresh one.
            logger().warning("embedding postponed", code=error.code, part=event.part)
            embed.await_neighbour(event, error)
            queue.postpone(record.body, delay_s=POSTPONED_S)
            return
        except Rejected as error:
            embed.publish.reject(event.tenant_id, event.kb_id, event.document_id, event.generation, error)
            outcome = "superseded"
        logger().info("embedding done", outcome=outcome, part=event.part, parts_total=event.parts_total)
        metrics().add_metric(name=f"Part{outcome.capitalize()}", unit=MetricUnit.Count, value=1)


@logger().inject_lambda_context(clear_state=True)
@metrics().log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Process a batch; failed messages alone are delivered again."""
    return dict(process_partial_response(event, on_message, processor, context))
