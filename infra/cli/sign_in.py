"""Signing in at the user pool, and keeping the token fresh.

Source: Amazon Cognito user pools API, InitiateAuth (JSON 1.1 over HTTP; the action is named by `X-Amz-Target`).
"""

import threading
import time
from collections.abc import Callable

import httpx

from infra.cli.credentials import Credentials, CredentialStore
from infra.cli.failures import Failure, SignInNeeded, Unreachable
from infra.cli.http import open_http
from infra.cli.target import Platform

EXPIRY_MARGIN_S = 60.0
_HEADERS = {
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
}


class SignIn:
    """The id token of one person at one platform; safe to share between threads.

    Args:
        platform: where to sign in; one on this machine brings the seeded administrator's password.
        store: keeps the tokens between commands.
        clock: seconds since 1970.
    """

    def __init__(self, platform: Platform, store: CredentialStore, *, clock: Callable[[], float] = time.time) -> None:
        self._platform = platform
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        kept = store.get(platform.api_url)
        # Another client id means another user pool: the platform was made anew and knows none of the old tokens.
        self._kept = kept if kept and kept.client_id == platform.client_id else None

    def token(self) -> str:
        """Return an id token that has not expired, signing in or refreshing where needed.

        Raises:
            SignInNeeded: there is no sign-in, or it was ended.
            Unreachable: the user pool does not answer.
        """
        with self._lock:
            if self._kept and self._kept.id_token and self._clock() < self._kept.expires_at - EXPIRY_MARGIN_S:
                return self._kept.id_token
            return self._renew().id_token

    def renewed(self, refused: str) -> str:
        """Return another token after the platform refused one; threads that were refused together renew once.

        Args:
            refused: the token that was not accepted.
        """
        with self._lock:
            if self._kept and self._kept.id_token not in ("", refused):
                return self._kept.id_token
            return self._renew().id_token

    def with_password(self, email: str, password: str, *, choose: bool = False) -> Credentials:
        """Sign in with a password and keep the tokens; with `choose` later commands talk to this platform.

        Raises:
            SignInNeeded: the user pool refuses.
            Unreachable: the user pool does not answer.
        """
        answer = self._initiate("USER_PASSWORD_AUTH", {"USERNAME": email, "PASSWORD": password})
        return self._keep(answer, email=email, choose=choose)

    def _renew(self) -> Credentials:
        if self._kept and self._kept.refresh_token:
            try:
                answer = self._initiate("REFRESH_TOKEN_AUTH", {"REFRESH_TOKEN": self._kept.refresh_token})
                return self._keep(answer, email=self._kept.email)
            except SignInNeeded:
                # A platform on this machine may have been made anew under the same address.
                if not self._is_seeded(self._kept.email):
                    raise
        if self._platform.password and (self._kept is None or self._is_seeded(self._kept.email)):
            return self.with_password(self._platform.email, self._platform.password)
        raise SignInNeeded(f"Nobody is signed in to {self._platform.api_url}. Sign in with `strata login`.")

    def _is_seeded(self, email: str) -> bool:
        return bool(self._platform.password) and email == self._platform.email

    def _keep(self, answer: dict[str, object], *, email: str, choose: bool = False) -> Credentials:
        expires_in_s = answer.get("ExpiresIn")
        earlier = self._kept.refresh_token if self._kept and self._kept.email == email else ""
        self._kept = Credentials(
            region=self._platform.region,
            client_id=self._platform.client_id,
            sign_in_url=self._platform.sign_in_url,
            email=email,
            id_token=str(answer["IdToken"]),
            refresh_token=str(answer.get("RefreshToken") or earlier),
            expires_at=self._clock() + (expires_in_s if isinstance(expires_in_s, int | float) else 0),
        )
        self._store.put(self._platform.api_url, self._kept, choose=choose)
        return self._kept

    def _initiate(self, flow: str, parameters: dict[str, str]) -> dict[str, object]:
        body = {"AuthFlow": flow, "ClientId": self._platform.client_id, "AuthParameters": parameters}
        url = self._platform.sign_in_url
        try:
            with open_http(url) as http:
                response = http.post(url, headers=_HEADERS, json=body)
        except httpx.HTTPError as error:
            raise Unreachable(self._platform.silence) from error
        return _authentication(response)


def _authentication(response: httpx.Response) -> dict[str, object]:
    """Read the tokens out of the user pool's answer."""
    try:
        content = response.json()
    except ValueError:
        content = {}
    answer = content if isinstance(content, dict) else {}
    result = answer.get("AuthenticationResult")
    if response.is_success and isinstance(result, dict) and result.get("IdToken"):
        return result
    if challenge := answer.get("ChallengeName"):
        raise SignInNeeded(
            f"The user pool asks for more than a password ({challenge}). Sign in on the dashboard first.",
            code="sign_in_challenge",
        )
    # Only the user pool's own 4xx say something about the person; anything else is its failure.
    if response.is_client_error and answer.get("__type"):
        raise SignInNeeded(
            f"The sign-in was refused: {answer.get('message') or answer['__type']} Sign in with `strata login`.",
            code="sign_in_refused",
        )
    raise Failure(
        f"The user pool answered {response.status_code} without tokens. Try again later.",
        code="sign_in_failed",
        status=response.status_code,
    )
