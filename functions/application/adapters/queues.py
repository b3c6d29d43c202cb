"""SQS: the hints for ingestion, and how much waits."""

from collections.abc import Mapping, Sequence

from shared.contracts.api import QueueDepth
from shared.contracts.events import DocumentChanged
from shared.kernel.aws import client, unavailable
from shared.kernel.errors import Unavailable

BATCH_LIMIT = 10  # entries per SendMessageBatch call, an AWS limit
SERVICE = "Queue"
MOST_MOVED = 1_000
MOVE_TIMEOUT_S = 30
MEANINGS = {
    "ingest": "files that arrived, changed or are being deleted, each to be looked at",
    "embed": "parts of documents, up to 16 passages each, to be embedded and indexed",
    "recognition": "pages without a text layer, whose text is to be recognised",
    "evaluation": "scored runs to be made",
    "projector": "news about documents on their way to the activity log",
}


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


class SqsPostponing:
    """The PostponingQueue port."""

    def __init__(self, url: str) -> None:
        self._url = url

    def postpone(self, body: str, *, delay_s: int) -> None:
        """Send the body again."""
        try:
            client("sqs").send_message(QueueUrl=self._url, MessageBody=body, DelaySeconds=delay_s)
        except Exception as error:
            unavailable(SERVICE, error)


class SqsGauge:
    """The QueueGauge and Redrive ports over queues by name; every dead-letter queue has its queue's name."""

    def __init__(self, *, queues: Mapping[str, str], dead_letters: Mapping[str, str]) -> None:
        self._queues = queues
        self._dead_letters = dead_letters

    def depths(self) -> Mapping[str, QueueDepth]:
        """Return waiting and in-flight messages by queue."""
        return {name: depth(url, MEANINGS.get(name, "")) for name, url in self._queues.items()}

    def dead_letters(self) -> Mapping[str, int]:
        """Return dead letters by queue."""
        return {name: depth(url).waiting for name, url in self._dead_letters.items()}

    def redrive(self) -> Mapping[str, int]:
        """Receive, send, delete: SQS's own move has no counterpart in every engine that we run on."""
        return {name: move(url, self._queues[name]) for name, url in self._dead_letters.items()}


def move(source_url: str, target_url: str) -> int:
    """Move what one queue holds now to another, a limited number per call. Raises Unavailable."""
    moved = 0
    try:
        while moved < MOST_MOVED:
            answer = client("sqs").receive_message(
                QueueUrl=source_url, MaxNumberOfMessages=BATCH_LIMIT, VisibilityTimeout=MOVE_TIMEOUT_S
            )
            for message in answer.get("Messages", []):
                client("sqs").send_message(QueueUrl=target_url, MessageBody=message["Body"])
                client("sqs").delete_message(QueueUrl=source_url, ReceiptHandle=message["ReceiptHandle"])
                moved += 1
            if not answer.get("Messages"):
                return moved
    except Exception as error:
        unavailable(SERVICE, error)
    return moved


def depth(url: str, meaning: str = "") -> QueueDepth:
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
        meaning=meaning,
    )
