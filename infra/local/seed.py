"""The first tenant and its administrator, so that somebody can sign in to a fresh platform."""

import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.local.clients import session
from shared.kernel.clock import isoformat, system_clock

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb.service_resource import Table

TENANT_ID = "demo"
EMAIL = "admin@demo.example"
NAME = "Demo Administrator"
_SYMBOLS = "!#%+-_?"
_KINDS = (string.ascii_lowercase, string.ascii_uppercase, string.digits, _SYMBOLS)
_LENGTH = 20


@dataclass(frozen=True, slots=True)
class Seeded:
    """The administrator's sign-in.

    Attributes:
        password: the one that works now; keep it and give it to the next `seed`.
        user_id: Cognito's `sub`.
    """

    email: str
    password: str
    tenant_id: str
    user_id: str


def seed(
    endpoint: str, *, user_pool_id: str, control_table: str, password: str | None, report: Callable[[str], None]
) -> Seeded:
    """Make the tenant and its administrator; whatever is there already stays as it is.

    Args:
        endpoint: the emulator.
        user_pool_id: from the deployment's outputs.
        control_table: from the deployment's outputs.
        password: what an earlier seed returned; None draws a new one, and sets it even for an existing user, because
            nobody knows the old one any more.
        report: told one line when something was made.
    """
    aws = session()
    cognito = aws.client("cognito-idp", endpoint_url=endpoint)
    table = aws.resource("dynamodb", endpoint_url=endpoint).Table(control_table)
    secret = password or new_password()
    user_id = _find_user(cognito, user_pool_id)
    is_new = user_id is None
    if user_id is None:
        user_id = _create_user(cognito, user_pool_id)
    if is_new or password is None:
        cognito.admin_set_user_password(UserPoolId=user_pool_id, Username=EMAIL, Password=secret, Permanent=True)
    _put_new(table, _tenant_row())
    _put_new(table, _user_row(user_id))
    if is_new:
        report(f"seeded tenant {TENANT_ID} with {EMAIL}")
    return Seeded(email=EMAIL, password=secret, tenant_id=TENANT_ID, user_id=user_id)


def new_password() -> str:
    """Draw a password of 20 characters with every kind that the user pool asks for."""
    alphabet = "".join(_KINDS)
    drawn = [secrets.choice(kind) for kind in _KINDS]
    drawn += [secrets.choice(alphabet) for _ in range(_LENGTH - len(drawn))]
    secrets.SystemRandom().shuffle(drawn)
    return "".join(drawn)


def _find_user(cognito: "CognitoIdentityProviderClient", user_pool_id: str) -> str | None:
    try:
        found = cognito.admin_get_user(UserPoolId=user_pool_id, Username=EMAIL)
    except cognito.exceptions.UserNotFoundException:
        return None
    return next(item["Value"] for item in found["UserAttributes"] if item["Name"] == "sub")


def _create_user(cognito: "CognitoIdentityProviderClient", user_pool_id: str) -> str:
    created = cognito.admin_create_user(
        UserPoolId=user_pool_id,
        Username=EMAIL,
        MessageAction="SUPPRESS",
        UserAttributes=[
            {"Name": "email", "Value": EMAIL},
            {"Name": "email_verified", "Value": "true"},
            {"Name": "name", "Value": NAME},
            {"Name": "custom:tenant_id", "Value": TENANT_ID},
        ],
    )
    return next(item["Value"] for item in created["User"]["Attributes"] if item["Name"] == "sub")


def _tenant_row() -> dict[str, str | bool]:
    return {"pk": f"TENANT#{TENANT_ID}", "sk": "TENANT", "tenant_id": TENANT_ID, "name": "Demo"}


def _user_row(user_id: str) -> dict[str, str | bool]:
    return {
        "pk": f"USER#{user_id}",
        "sk": "USER",
        "user_id": user_id,
        "tenant_id": TENANT_ID,
        "email": EMAIL,
        "name": NAME,
        "role": "admin",
        "suspended": False,
        "created_at": isoformat(system_clock()),
        "gsi1pk": f"TENANT#{TENANT_ID}",
        "gsi1sk": f"USER#{EMAIL}",
    }


def _put_new(table: "Table", row: dict[str, str | bool]) -> None:
    """Write a row unless it is there."""
    try:
        table.put_item(Item=row, ConditionExpression="attribute_not_exists(pk)")
    except table.meta.client.exceptions.ConditionalCheckFailedException:
        return
