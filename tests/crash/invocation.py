"""What the runtime hands to a function."""

from types import SimpleNamespace
from typing import Any

CONTEXT: Any = SimpleNamespace(
    function_name="f", memory_limit_in_mb=1, invoked_function_arn="a", aws_request_id="r",
    get_remaining_time_in_millis=lambda: 60_000,
)  # fmt: skip


def sqs_event(body: str) -> dict[str, Any]:
    """Wrap one body as SQS delivers it."""
    return {
        "Records": [
            {
                "messageId": "m", "receiptHandle": "r", "body": body, "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {}, "md5OfBody": "x", "eventSource": "aws:sqs", "eventSourceARN": "a",
                "awsRegion": "eu-central-1",
            }
        ]
    }  # fmt: skip
