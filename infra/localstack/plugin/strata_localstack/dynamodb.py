"""DynamoDB served by moto inside LocalStack; LocalStack's own provider downloads a Java program."""

from localstack.aws.api.dynamodb import DynamodbApi
from localstack.services.moto import MotoFallbackDispatcher
from localstack.services.plugins import Service, aws_provider


class MotoDynamoDB(DynamodbApi):  # type: ignore[misc]
    """Implements nothing, so that every operation falls through to moto."""


@aws_provider(api="dynamodb", name="moto")  # type: ignore[untyped-decorator]
def dynamodb() -> Service:
    """Offer the provider that `PROVIDER_OVERRIDE_DYNAMODB=moto` names."""
    return Service.for_provider(MotoDynamoDB(), dispatch_table_factory=MotoFallbackDispatcher)
