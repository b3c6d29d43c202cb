"""Who is asking: the one way from a request's token to a person."""

from dataclasses import dataclass

from functions.application.domain.principals import Principal
from functions.application.ports import TokenVerifier, Users
from shared.kernel.errors import Forbidden, Unauthorized

SIGN_IN = "Sign in and send the id token in the header `Authorization: Bearer <token>`."


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
        row = self.users.user(self.verify(token.strip()))
        if row is None:
            raise Forbidden(
                "This sign-in belongs to no user of the platform. Ask an administrator to add you.", code="unknown_user"
            )
        if row.suspended:
            raise Forbidden("This user is suspended. Ask an administrator.", code="suspended")
        return Principal(user_id=row.user_id, tenant_id=row.tenant_id, email=row.email, name=row.name, role=row.role)
