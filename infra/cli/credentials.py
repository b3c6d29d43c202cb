"""The sign-ins that are kept between commands: one file, readable by its owner only."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from infra.cli.failures import Failure


@dataclass(frozen=True)
class Credentials:
    """A sign-in at one platform.

    Attributes:
        expires_at: when the id token stops being accepted, in seconds since 1970; 0 when unknown.
        sign_in_url: where the user pool answers.
    """

    region: str
    client_id: str
    sign_in_url: str
    email: str
    id_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: float = 0.0


def credentials_path(environ: Mapping[str, str]) -> Path:
    """Return where the sign-ins are kept: `~/.config/strata/credentials.json`, or under `XDG_CONFIG_HOME`."""
    folder = environ.get("XDG_CONFIG_HOME", "")
    return (Path(folder) if folder else Path.home() / ".config") / "strata" / "credentials.json"


class CredentialStore:
    """Sign-ins by the address of the platform, and which platform was chosen by `strata login --api-url`.

    Args:
        path: the file; made with mode 0600 on the first write.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def chosen(self) -> str:
        """Return the address chosen by `strata login --api-url`, empty when none is."""
        return str(self._read().get("chosen") or "")

    def get(self, api_url: str) -> Credentials | None:
        """Return the sign-in at `api_url`, None when there is none."""
        entry = self._platforms().get(api_url)
        if not isinstance(entry, dict):
            return None
        known = {item.name for item in fields(Credentials)}
        try:
            return Credentials(**{name: value for name, value in entry.items() if name in known})
        except TypeError:
            return None  # written by another version: signing in again replaces it

    def put(self, api_url: str, credentials: Credentials, *, choose: bool = False) -> None:
        """Keep a sign-in, and with `choose` make its platform the one that later commands talk to."""
        content = self._read()
        content["platforms"] = {**self._platforms(), api_url: asdict(credentials)}
        if choose:
            content["chosen"] = api_url
        self._write(content)

    def forget(self, api_url: str) -> bool:
        """Drop a sign-in; return whether there was one."""
        content, platforms = self._read(), dict(self._platforms())
        known = platforms.pop(api_url, None) is not None
        content["platforms"] = platforms
        if content.get("chosen") == api_url:
            content["chosen"] = ""
        if known:
            self._write(content)
        return known

    def _platforms(self) -> dict[str, object]:
        platforms = self._read().get("platforms")
        return platforms if isinstance(platforms, dict) else {}

    def _read(self) -> dict[str, object]:
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise Failure(
                f"The kept sign-ins cannot be read: {self._path}. Delete the file and sign in again.",
                code="credentials_unreadable",
            ) from error
        return content if isinstance(content, dict) else {}

    def _write(self, content: dict[str, object]) -> None:
        temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Created with its final mode, so that the tokens are at no moment readable by others.
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=2)
            temporary.replace(self._path)
        except OSError as error:
            raise Failure(
                f"The sign-in cannot be kept in {self._path}: {error.strerror}.", code="credentials_unwritable"
            ) from error
