"""SQS: the hints for ingestion, and how much waits."""

from collections.abc import Mapping, Sequence

from shared.contracts.api import QueueDepth
from shared.contracts.events import DocumentChanged
from shared.kernel.aws import client, unavailable
from shared.kernel.errors import Unavailable

BATCH_LIMIT = 10  # entries per SendMessageBatch call, an AWS limit
SERVICE = "Queue"


class SqsIngestQueue:
    """The IngestQueue port."""

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, events: Sequence[DocumentChanged]) -> None:
        """Queue all events, ten per call."""
        for first in range(0, len(events), BATCH_LIMIT):
            entries = [
                {"Id": str(number), "MessageBody": event.model_dump_json()}
                for number, event in enumerate(events[first : first + BATCH_LIMIT])
            ]
            try:
                answer = client("sqs").send_message_batch(QueueUrl=self._url, Entries=entries)  # type: ignore[arg-type]
            except Exception as error:
                unavailable(SERVICE, error)
            if answer.get("Failed"):
                raise Unavailable(
                    "The queue did not take every message. Repeat the request in a moment.", code="queue_unavailable"
                )


class SqsGauge:
    """The QueueGauge port over queues by name."""

    def __init__(self, *, queues: Mapping[str, str], dead_letters: Mapping[str, str]) -> None:
        self._queues = queues
        self._dead_letters = dead_letters

    def depths(self) -> Mapping[str, QueueDepth]:
        """Return waiting and in-flight messages by queue."""
        return {name: depth(url) for name, url in self._queues.items()}

    def dead_letters(self) -> Mapping[str, int]:
        """Return dead letters by queue."""
        return {name: depth(url).waiting for name, url in self._dead_letters.items()}


def depth(url: str) -> QueueDepth:
    """Ask SQS how much a queue holds, approximately. Raises Unavailable."""
    try:
        answer = client("sqs").get_queue_attributes(
            QueueUrl=url,
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )
    except Exception as error:
        unavailable(SERVICE, error)
    found = answer["Attributes"]
    return QueueDepth(
        waiting=int(found.get("ApproximateNumberOfMessages", 0)),
        in_flight=int(found.get("ApproximateNumberOfMessagesNotVisible", 0)),
    )
