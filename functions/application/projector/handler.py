"""The projector: what the ML layer reports becomes what people see.

Trigger: SQS messages, each an EventBridge envelope with an event of `shared/contracts/events.py`.
Writes: the activity log in the control table, once per event however often it arrives; while the table is out of order
the message goes back to the queue as a fresh one. A document that is replaced by one that answers now is deleted.
Emits: one message per changed document of a batch to the WebSockets that watch its knowledge base.
"""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from functions.application.projector.wiring import activity_log, delete_replaced, own_queue, tell_watchers
from functions.application.services.projection import project_message
from shared.contracts.events import DocumentEvent
from shared.kernel.observability import logger, metrics


def on_message(record: SQSRecord, told: list[DocumentEvent]) -> None:
    """Project one event and add it to those told; an unreadable one raises, an unknown one is acknowledged."""
    found = project_message(record.body, activity_log(), own_queue(), delete_replaced())
    if found.event is None:
        logger().warning("event of an unknown name or version", event_name=found.name)
        metrics().add_metric(name="EventsUnknown", unit="Count", value=1)
        return
    logger().append_keys(tenant_id=found.event.tenant_id, correlation_id=found.event.correlation_id)
    if found.waits_for:
        logger().warning("projection postponed", code=found.waits_for)
    if found.is_told and isinstance(found.event, DocumentEvent):
        told.append(found.event)
        metrics().add_metric(name="EventsProjected", unit="Count", value=1)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Work through a batch; failed messages are named, so that only they come again."""
    told: list[DocumentEvent] = []
    try:
        result = process_partial_response(
            event=event,
            record_handler=lambda record: on_message(record, told),
            processor=_processor(),
            context=context,
        )
        if told and (missed := tell_watchers()(told)):
            logger().warning("watchers not told", messages=missed)
        return dict(result)
    finally:
        if metrics().metric_set:
            metrics().flush_metrics()


@cache
def _processor() -> BatchProcessor:
    return BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
