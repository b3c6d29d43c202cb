"""AWS clients of the platform on this machine."""

from functools import cache

import boto3

REGION = "us-east-1"
_ANY = "strata"


@cache
def session() -> boto3.session.Session:
    """Return a session that signs with a name instead of a secret: the emulator accepts any."""
    return boto3.session.Session(aws_access_key_id=_ANY, aws_secret_access_key=_ANY, region_name=REGION)
