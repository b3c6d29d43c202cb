"""Record dead letters.

Trigger: the dead-letter queues of the ingest and embed queues. Writes: FAILED with a reason. Emits: DocumentRejected.
"""

from functools import cache
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.ml.ingestion.dead_letters import RecordDeadLetter
from shared.kernel.observability import logger, metrics

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


@cache
def wired() -> RecordDeadLetter:
    """Build the service on first use."""
    from functions.ml.ingestion import wiring  # noqa: PLC0415 - loads the adapters

    return wiring.record_dead_letter()


def on_message(record: SQSRecord) -> None:
    """Write the terminal status; the message's own text stays in the log's record of its id only."""
    failed = wired()(record.body, message_id=record.message_id)
    logger().error("dead letter recorded", message_id=record.message_id, documents_failed=failed)
    metrics().add_metric(name="DeadLetters", unit=MetricUnit.Count, value=1)


@logger().inject_lambda_context(clear_state=True)
@metrics().log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Process a batch; failed messages alone are delivered again."""
    return dict(process_partial_response(event, on_message, processor, context))
