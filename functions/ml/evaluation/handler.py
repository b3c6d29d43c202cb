"""Evaluation: SQS `evaluation.requested.v1` -> report and `evaluation.finished.v1`; schedule -> such messages."""

from functools import cache
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.ml.evaluation import wiring
from functions.ml.evaluation.schedule import QueueScheduled
from functions.ml.evaluation.service import EvaluateDataset
from shared.contracts.events import EvaluationRequested
from shared.kernel.observability import logger, metrics

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


@cache
def wired() -> EvaluateDataset:
    """Build the collaborators once per execution environment, on first use."""
    return wiring.evaluate_dataset()


@cache
def scheduler() -> QueueScheduled:
    """Build what the schedule needs, on first use."""
    return wiring.queue_scheduled()


def on_message(record: SQSRecord) -> None:
    """Score one dataset; raising makes SQS redeliver it, and the run goes on where its report says."""
    metrics().add_metric(name="EvaluationMessages", unit=MetricUnit.Count, value=1)
    event = EvaluationRequested.parse(record.body)
    with logger().append_context_keys(
        tenant_id=event.tenant_id, correlation_id=event.correlation_id, evaluation_id=event.evaluation_id
    ):
        report = wired()(event)
        logger().info("evaluation ended", status=report.status, questions=report.questions, metrics=report.metrics)
        metrics().add_metric(name=f"Evaluations{report.status.title()}", unit=MetricUnit.Count, value=1)


@logger().inject_lambda_context(clear_state=True)
@metrics().log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Take messages of the queue, or a tick of the schedule."""
    if "Records" not in event:
        queued = scheduler()(str(event["id"]))
        logger().info("scheduled evaluations queued", queued=queued)
        metrics().add_metric(name="EvaluationsScheduled", unit=MetricUnit.Count, value=queued)
        return {"queued": queued}
    return dict(process_partial_response(event=event, record_handler=on_message, processor=processor, context=context))
