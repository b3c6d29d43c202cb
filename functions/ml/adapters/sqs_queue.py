"""The Queue port on SQS."""

from collections.abc import Sequence

from shared.contracts.events import Event
from shared.kernel.aws import client, unavailable
from shared.kernel.errors import Unavailable

BATCH_LIMIT = 10  # entries per SendMessageBatch call, an AWS limit


class SqsQueue:
    """One queue by its URL."""

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, events: Sequence[Event]) -> None:
        """Send in batches and read each answer item by item."""
        for start in range(0, len(events), BATCH_LIMIT):
            batch = events[start : start + BATCH_LIMIT]
            try:
                answer = client("sqs").send_message_batch(
                    QueueUrl=self._url,
                    Entries=[
                        {"Id": str(number), "MessageBody": event.model_dump_json()}
                        for number, event in enumerate(batch)
                    ],
                )
            except Exception as error:
                unavailable("Queue", error)
            if answer.get("Failed"):
                raise Unavailable(
                    f"The queue did not take {len(answer['Failed'])} messages. Try again in a moment.",
                    code="queue_unavailable",
                )

    def postpone(self, body: str, *, delay_s: int) -> None:
        """Send the body again, delayed."""
        try:
            client("sqs").send_message(QueueUrl=self._url, MessageBody=body, DelaySeconds=delay_s)
        except Exception as error:
            unavailable("Queue", error)
