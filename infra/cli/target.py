"""Which platform a command talks to.

In this order: `STRATA_API_URL`; the installation in `STRATA_HOME`; the platform chosen by `strata login --api-url`;
the platform that was started from the checkout this package lives in.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra.cli.credentials import CredentialStore
from infra.cli.failures import Failure, SignInNeeded, Unreachable

CHECKOUT = Path(__file__).resolve().parents[2]
NOT_RUNNING = "The platform is not running; start it with `make up`."


@dataclass(frozen=True)
class Platform:
    """A platform and how to sign in there.

    Attributes:
        api_url: the address without `/v1`.
        sign_in_url: where the user pool answers.
        password: of the seeded administrator of a platform on this machine, empty elsewhere.
        endpoint: where the emulator answers the AWS APIs, empty for a platform that runs elsewhere.
        home: the folder that it keeps its state in, None for a platform that runs elsewhere.
    """

    api_url: str
    region: str
    client_id: str
    sign_in_url: str
    email: str = ""
    password: str = field(default="", repr=False)
    endpoint: str = ""
    stage: str = ""
    home: Path | None = None

    @property
    def silence(self) -> str:
        """What to tell a person when nobody answers."""
        if self.home:
            return NOT_RUNNING
        return f"{self.api_url} cannot be reached. Check the address and the network."


def plain_url(url: str) -> str:
    """Return an address without a trailing slash or `/v1`, so that both spellings mean the same platform."""
    return url.strip().rstrip("/").removesuffix("/v1").rstrip("/")


def sign_in_url(region: str) -> str:
    """Return where the user pools of a region answer."""
    return f"https://cognito-idp.{region}.amazonaws.com"


def installation(environ: Mapping[str, str]) -> Path:
    """Return the folder of the platform that is meant: `STRATA_HOME`, or `.strata` of the checkout of this package."""
    return Path(environ.get("STRATA_HOME") or CHECKOUT / ".strata").expanduser()


def started_platform(home: Path) -> Platform | None:
    """Read the platform that was started in a folder; None when none was.

    Raises:
        Failure: `platform.json` is there and cannot be understood.
    """
    path = home / "platform.json"
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        return Platform(
            api_url=plain_url(known["api_url"]),
            region=known["region"],
            client_id=known["user_pool_client_id"],
            sign_in_url=known["endpoint"],
            email=known.get("email", ""),
            password=known.get("password", ""),
            endpoint=known["endpoint"],
            stage=known.get("stage", ""),
            home=home,
        )
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Failure(
            f"{path} cannot be understood; start the platform again with `make up`.", code="platform_unreadable"
        ) from error


def find_platform(environ: Mapping[str, str], store: CredentialStore) -> Platform:
    """Find the platform that commands talk to.

    Raises:
        Unreachable: no platform was started and none was chosen.
        SignInNeeded: `STRATA_API_URL` names a platform that nobody signed in to.
    """
    started = started_platform(installation(environ))
    url = plain_url(environ.get("STRATA_API_URL", ""))
    if not url and not environ.get("STRATA_HOME"):
        url = store.chosen()
    if url and not (started and started.api_url == url):
        return _elsewhere(url, store)
    if started is None:
        raise Unreachable(NOT_RUNNING, code="not_running")
    return started


def _elsewhere(url: str, store: CredentialStore) -> Platform:
    kept = store.get(url)
    if kept is None:
        raise SignInNeeded(f"Nobody is signed in to {url}. Sign in with `strata login --api-url {url}`.")
    return Platform(
        api_url=url, region=kept.region, client_id=kept.client_id, sign_in_url=kept.sign_in_url, email=kept.email
    )
