"""Logging and metrics: one logger and one metrics sink per function.

Messages are lower-case constants; values go into keys. Never document text, prompts, headers or user names.
"""

from functools import cache

from aws_lambda_powertools import Logger, Metrics


@cache
def logger() -> Logger:
    """Return the function's logger; service name and level come from the Powertools environment variables."""
    return Logger(utc=True, use_rfc3339=True)


@cache
def metrics() -> Metrics:
    """Return the function's metrics, written to the log in the embedded metric format."""
    return Metrics(namespace="Strata")
