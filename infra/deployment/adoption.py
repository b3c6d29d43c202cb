"""Buckets that outlived their stack: taken into a new one with what they hold, instead of colliding with it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from infra.deployment.stacks import Stacks

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Document = dict[str, Any]


def surviving_buckets(document: Document, names: Mapping[str, str], s3: "S3Client") -> dict[str, str]:
    """Find the template's buckets that exist already.

    Args:
        document: the translated template.
        names: what stands for `Stage`, `AWS::AccountId` and `AWS::Region`.
        s3: looks for them.

    Returns:
        Bucket names by logical id.
    """
    found = {}
    for logical_id, resource in document["Resources"].items():
        if resource["Type"] == "AWS::S3::Bucket":
            bucket = str(resource["Properties"]["BucketName"]["Fn::Sub"])
            for name, value in names.items():
                bucket = bucket.replace(f"${{{name}}}", value)
            if _exists(s3, bucket):
                found[logical_id] = bucket
    return found


def adopt(stacks: Stacks, name: str, document: Document, buckets: Mapping[str, str]) -> None:
    """Make a stack of nothing but the surviving buckets; an update then brings the rest.

    Args:
        stacks: where the stack will be.
        name: of the stack, which must not exist.
        document: the translated template.
        buckets: bucket names by logical id.

    Raises:
        DeployFailed: CloudFormation did not take them.
    """
    resources = {
        logical_id: {
            "Type": "AWS::S3::Bucket",
            "DeletionPolicy": document["Resources"][logical_id]["DeletionPolicy"],
            "Properties": {"BucketName": bucket},
        }
        for logical_id, bucket in buckets.items()
    }
    identifiers = [
        {
            "ResourceType": "AWS::S3::Bucket",
            "LogicalResourceId": logical_id,
            "ResourceIdentifier": {"BucketName": bucket},
        }
        for logical_id, bucket in buckets.items()
    ]
    stacks.import_resources(name, template={"Resources": resources}, identifiers=identifiers)


def _exists(s3: "S3Client", bucket: str) -> bool:
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.NOT_FOUND:
            return False
        raise
    return True
