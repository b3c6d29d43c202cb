"""AWS in process (moto), for tests of adapters."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import boto3
import pytest
from moto import mock_aws

from shared.kernel import aws

REGION: Final = "eu-central-1"


@contextmanager
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stand in for AWS, with clients of its own."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        aws._client.cache_clear()
        yield
    aws._client.cache_clear()


def make_table(name: str, *keys: str, index: tuple[str, ...] = ()) -> None:
    """Make a table with string keys and, where named, the index `gsi1`."""
    kinds = ("HASH", "RANGE")
    extra = {
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "gsi1",
                "KeySchema": [{"AttributeName": key, "KeyType": kind} for key, kind in zip(index, kinds, strict=False)],
                "Projection": {"ProjectionType": "ALL"},
            }
        ]
    }
    boto3.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, kinds, strict=False)],  # type: ignore[typeddict-item]
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in (*keys, *index)],
        BillingMode="PAY_PER_REQUEST",
        **(extra if index else {}),  # type: ignore[arg-type]
    )
