"""From one AWS call to the rights that it needs: pairs of an IAM action and what it acts on.

Source:
    https://docs.aws.amazon.com/service-authorization/latest/reference/ (the actions), and for S3's HEAD and GET of what
    is not there https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html: without ListBucket it is a 403.
"""

from collections.abc import Callable, Iterator
from typing import Any

Right = tuple[str, str]
Parameters = dict[str, Any]
_PARTS = ("CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload")
_WRITES = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}


def rights(service: str, operation: str, parameters: Parameters, *, is_missing: bool = False) -> Iterator[Right]:
    """Yield what a call needs.

    Args:
        service: boto3's name of it.
        operation: e.g. `GetObject`.
        parameters: as the code gave them.
        is_missing: the answer was that the object is not there.

    Raises:
        KeyError: a service that no function has called before; say here what its calls need.
    """
    yield from _BY_SERVICE[service](operation, parameters, is_missing)


def _s3(operation: str, parameters: Parameters, is_missing: bool) -> Iterator[Right]:
    bucket = parameters["Bucket"]
    if operation in ("ListObjectsV2", "ListObjectVersions"):
        action = "s3:ListBucket" if operation == "ListObjectsV2" else "s3:ListBucketVersions"
        yield action, f"{bucket}?{parameters.get('Prefix', '')}"
        return
    if operation == "DeleteObjects":
        for item in parameters["Delete"]["Objects"]:
            yield _versioned("s3:DeleteObject", item), f"{bucket}/{item['Key']}"
        return
    place = f"{bucket}/{parameters['Key']}"
    if operation in ("GetObject", "HeadObject"):
        yield _versioned("s3:GetObject", parameters), place
    elif operation in ("PutObject", *_PARTS):
        yield "s3:PutObject", place
    elif operation == "ListParts":
        yield "s3:ListMultipartUploadParts", place
    else:
        yield f"s3:{operation}", place
    if is_missing and operation in ("GetObject", "HeadObject"):
        yield "s3:ListBucket", f"{bucket}?{parameters['Key']}"


def _versioned(action: str, parameters: Parameters) -> str:
    return f"{action}Version" if parameters.get("VersionId") else action


def _dynamodb(operation: str, parameters: Parameters, _is_missing: bool) -> Iterator[Right]:
    if operation == "TransactWriteItems":
        for item in parameters["TransactItems"]:
            for kind, write in item.items():
                yield f"dynamodb:{_WRITES[kind]}", write["TableName"]
    elif operation in ("BatchGetItem", "BatchWriteItem"):
        for table in parameters["RequestItems"]:
            yield f"dynamodb:{operation}", table
    else:
        index = f"/index/{parameters['IndexName']}" if "IndexName" in parameters else ""
        yield f"dynamodb:{operation}", parameters["TableName"] + index


def _sqs(operation: str, parameters: Parameters, _is_missing: bool) -> Iterator[Right]:
    yield f"sqs:{operation.removesuffix('Batch')}", parameters["QueueUrl"].rpartition("/")[2]


def _events(operation: str, parameters: Parameters, _is_missing: bool) -> Iterator[Right]:
    for entry in parameters["Entries"]:
        yield f"events:{operation}", entry["EventBusName"]


def _ssm(operation: str, parameters: Parameters, _is_missing: bool) -> Iterator[Right]:
    yield f"ssm:{operation}", f"parameter{parameters['Name']}"


def _lambda(operation: str, parameters: Parameters, _is_missing: bool) -> Iterator[Right]:
    yield f"lambda:{operation}Function", parameters["FunctionName"]


def _connections(_operation: str, _parameters: Parameters, _is_missing: bool) -> Iterator[Right]:
    yield "execute-api:ManageConnections", "sockets"


_BY_SERVICE: dict[str, Callable[[str, Parameters, bool], Iterator[Right]]] = {
    "s3": _s3,
    "dynamodb": _dynamodb,
    "sqs": _sqs,
    "events": _events,
    "ssm": _ssm,
    "lambda": _lambda,
    "apigatewaymanagementapi": _connections,
}
