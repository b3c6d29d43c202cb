"""AWS clients: made on first use, one per service and execution environment, with sane timeouts.

boto3 costs half a second of import, so it is loaded by the first call and not by the module. Endpoints come from
`AWS_ENDPOINT_URL` as boto3 reads it; nothing here knows what answers.
"""

from functools import cache
from typing import TYPE_CHECKING, Literal, NoReturn, overload

from shared.kernel.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient


@overload
def client(service: Literal["s3"]) -> "S3Client": ...
@overload
def client(service: Literal["sqs"]) -> "SQSClient": ...
@overload
def client(service: Literal["dynamodb"]) -> "DynamoDBClient": ...
@overload
def client(service: Literal["events"]) -> "EventBridgeClient": ...
@overload
def client(service: Literal["ssm"]) -> "SSMClient": ...
@overload
def client(service: Literal["cognito-idp"]) -> "CognitoIdentityProviderClient": ...
@overload
def client(service: Literal["lambda"]) -> "LambdaClient": ...
@overload
def client(service: Literal["bedrock-runtime"]) -> "BedrockRuntimeClient": ...
def client(service: str) -> object:
    """Return the client of a service, always the same one."""
    return _client(service)


@cache
def _client(service: str) -> object:
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=3,
        read_timeout=60 if service == "bedrock-runtime" else 20,
        retries={"mode": "standard", "max_attempts": 4},
        max_pool_connections=32,
        s3={"addressing_style": "path"},
        # Addresses that are signed for others to use: boto3's own choice for S3 is still the older version.
        signature_version="s3v4" if service == "s3" else None,
    )
    return boto3.session.Session().client(service, config=config)  # type: ignore[call-overload]


def error_code(error: Exception) -> str:
    """Return the service's error code of a botocore ClientError, empty for anything else."""
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""


DENIED = frozenset({"AccessDenied", "AccessDeniedException", "AllAccessDisabled", "Forbidden", "403"})
"""Codes of a refused right; a HEAD has no body and so only the status."""

MISSING = frozenset({"NoSuchBucket", "ResourceNotFoundException", "AWS.SimpleQueueService.NonExistentQueue"})
"""Codes of a bucket, table, bus or queue that is not there; nobody may take for deleted what would lie in it."""


def unavailable(service: str, error: Exception) -> NoReturn:
    """Raise Unavailable for a vendor error that nothing more is known about; a refused right can be given back."""
    code = error_code(error) or type(error).__name__
    if code in DENIED:
        raise Unavailable(
            f"{service} refuses access to the platform ({code}). An operator must give the access back; everything "
            "waits until then.",
            code=f"{service.lower().replace(' ', '_')}_denied",
        ) from error
    if code in MISSING:
        raise Unavailable(
            f"{service} is not where the platform looks for it ({code}). An operator must bring it back "
            "or name the right one; everything waits until then.",
            code=f"{service.lower().replace(' ', '_')}_missing",
        ) from error
    raise Unavailable(
        f"{service} does not answer right now ({code}). Try again in a moment.",
        code=f"{service.lower().replace(' ', '_')}_unavailable",
    ) from error
