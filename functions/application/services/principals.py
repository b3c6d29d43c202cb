"""Who is asking: the one way from a request's token to a person."""

from collections.abc import Callable
from dataclasses import dataclass

from functions.application.domain.principals import Principal
from functions.application.ports import TokenVerifier, Users
from shared.kernel.errors import Forbidden, Unauthorized

SIGN_IN = "Sign in and send the id token in the header `Authorization: Bearer <token>`."


AddressOf = Callable[[str, str], str]
"""Tells a user's address, given the tenant and the user's id; empty when that user is not there any more."""


def no_address(tenant_id: str, user_id: str) -> str:
    """Know nobody."""
    return ""


@dataclass(frozen=True)
class LookUpAddress:
    """Reads addresses from the users' table: the registry keeps ids alone, because people change their address."""

    users: Users

    def __call__(self, tenant_id: str, user_id: str) -> str:
        """Return the address of a user of this tenant, empty for anybody else. Raises Unavailable."""
        row = self.users.user(user_id) if user_id else None
        return row.email if row is not None and row.tenant_id == tenant_id else ""


@dataclass(frozen=True)
class ResolvePrincipal:
    """Believes the token's subject only; role, tenant and suspension are read from the users' table every time."""

    verify: TokenVerifier
    users: Users

    def __call__(self, authorization: str) -> Principal:
        """Return the person behind an Authorization header.

        Raises:
            Unauthorized: no token, or none that we can believe.
            Forbidden: nobody we know (`unknown_user`), or suspended (`suspended`).
            Unavailable: the keys or the table do not answer.
        """
        scheme, _, token = authorization.strip().partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthorized(f"Nobody is signed in. {SIGN_IN}", code="unauthorized")
        return principal_of(self.users, self.verify(token.strip()))


def principal_of(users: Users, user_id: str) -> Principal:
    """Return a person as the table has them now, whatever proved the user id: a token, or a ticket got with one.

    Raises:
        Forbidden: nobody we know (`unknown_user`), or suspended (`suspended`).
        Unavailable: the table does not answer.
    """
    row = users.user(user_id)
    if row is None:
        raise Forbidden(
            "This sign-in belongs to no user of the platform. Ask an administrator to add you.", code="unknown_user"
        )
    if row.suspended:
        raise Forbidden("This user is suspended. Ask an administrator.", code="suspended")
    return Principal(user_id=row.user_id, tenant_id=row.tenant_id, email=row.email, name=row.name, role=row.role)
