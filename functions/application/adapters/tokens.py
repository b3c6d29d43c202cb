"""Cognito id tokens: checked again in code, behind the gateway's authorizer.

Source:
    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from shared.kernel.aws import client, unavailable
from shared.kernel.clock import Clock, system_clock
from shared.kernel.errors import Unauthorized, Unavailable

if TYPE_CHECKING:
    from jwt import PyJWK

FetchKeys = Callable[[], Mapping[str, Any]]
ALGORITHMS = ["RS256"]  # pinned: neither the token nor the key set may choose
REQUIRED = ["exp", "iat", "aud", "iss", "sub", "token_use"]
REFETCH_AFTER = timedelta(minutes=5)
TIMEOUT_S = 3.0
LEEWAY_S = 5  # clocks of two machines
ID_TOKEN = "id"  # noqa: S105 - the kind of token, no secret


class CognitoTokens:
    """The TokenVerifier port for one user pool and one client.

    Args:
        issuer: what `iss` must be.
        audience: the client id that `aud` must be.
        fetch_keys: returns the pool's key set; called once, and again for an unknown `kid` at most every 5 minutes.
        clock: what the 5 minutes are measured with.
    """

    def __init__(self, *, issuer: str, audience: str, fetch_keys: FetchKeys, clock: Clock = system_clock) -> None:
        self._issuer = issuer
        self._audience = audience
        self._fetch_keys = fetch_keys
        self._clock = clock
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at: datetime | None = None

    def __call__(self, token: str) -> str:
        """Return the subject of a valid id token."""
        import jwt  # noqa: PLC0415 - PyJWT and cryptography are loaded on first use

        try:
            key = self._key(str(jwt.get_unverified_header(token).get("kid", "")))
            claims = jwt.decode(
                token,
                key=key,
                algorithms=ALGORITHMS,
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_S,
                options={"require": REQUIRED, "verify_iat": True},
            )
        except jwt.ExpiredSignatureError as error:
            raise Unauthorized("The sign-in has expired. Sign in again.", code="token_expired") from error
        except jwt.PyJWTError as error:
            raise not_believed() from error
        if claims["token_use"] != ID_TOKEN:
            raise not_believed()
        return str(claims["sub"])

    def _key(self, kid: str) -> "PyJWK":
        if kid not in self._keys and self._may_fetch():
            self._load()
        if kid not in self._keys:
            raise not_believed()
        return self._keys[kid]

    def _may_fetch(self) -> bool:
        return self._fetched_at is None or self._clock() - self._fetched_at >= REFETCH_AFTER

    def _load(self) -> None:
        from jwt import PyJWKSet  # noqa: PLC0415 - loaded on first use

        found = PyJWKSet.from_dict(dict(self._fetch_keys()))
        self._keys = {key.key_id: key for key in found.keys if key.key_id}
        self._fetched_at = self._clock()


def not_believed() -> Unauthorized:
    """Make the error for a token that is not one of ours; it does not say why."""
    return Unauthorized("This sign-in is not valid here. Sign in again.", code="token_invalid")


def cognito_tokens(pool_id: str, client_id: str) -> CognitoTokens:
    """Make the verifier of a user pool; the pool's id begins with its region."""
    region = pool_id.partition("_")[0]
    return CognitoTokens(
        issuer=f"https://cognito-idp.{region}.amazonaws.com/{pool_id}",
        audience=client_id,
        fetch_keys=lambda: fetch_keys(pool_id),
    )


def fetch_keys(pool_id: str) -> Mapping[str, Any]:
    """Read the pool's public keys from where the Cognito client points. Raises Unavailable."""
    import urllib3  # noqa: PLC0415 - comes with botocore, loaded on first use

    url = f"{client('cognito-idp').meta.endpoint_url}/{pool_id}/.well-known/jwks.json"
    try:
        answer = urllib3.request("GET", url, timeout=TIMEOUT_S, retries=2, redirect=False)
        keys: Mapping[str, Any] = answer.json()
    except Exception as error:
        unavailable("Sign-in service", error)
    if answer.status != 200 or "keys" not in keys:  # noqa: PLR2004 - HTTP's own number
        raise Unavailable(
            "The sign-in service does not answer right now. Try again in a moment.", code="sign_in_unavailable"
        )
    return keys
