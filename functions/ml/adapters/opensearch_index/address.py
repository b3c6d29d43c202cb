"""Where the engine is and what kind it is, from one setting."""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from shared.kernel.settings import SettingsError

DEFAULT_PREFIX = "strata"
SCHEMES = ("opensearch", "opensearch-serverless")
_PREFIX = re.compile(r"[a-z][a-z0-9-]{0,60}")
_AWS_HOST = re.compile(r"\.([a-z0-9-]+)\.(?:es|aoss)\.amazonaws\.com(?:\.cn)?$")


@dataclass(frozen=True, slots=True)
class Address:
    """One engine.

    Attributes:
        url: scheme, host and port.
        prefix: the start of all names of indices.
        service: what requests are signed for; empty where they are not.
        region: where it is, empty when the host does not tell.
        shards: of a new index; the engine decides where it is None.
    """

    url: str
    prefix: str
    service: Literal["", "es", "aoss"]
    region: str
    shards: int | None

    @property
    def is_serverless(self) -> bool:
        """Is it a collection of Serverless?"""
        return self.service == "aoss"

    @classmethod
    def parse(cls, setting: str) -> "Address":
        """Read a setting: `opensearch:https://host/prefix?shards=3`, `opensearch-serverless:https://host/prefix`.

        Requests over https are signed for AWS with SigV4; plain http is for a server on the same machine.

        Raises:
            SettingsError: it is none; names what is wrong.
        """
        kind, _, rest = setting.partition(":")
        try:
            parts = urlsplit(rest)
            port = f":{parts.port}" if parts.port else ""
        except ValueError as error:
            raise _malformed(setting) from error
        serverless = kind == SCHEMES[1]
        prefix = parts.path.strip("/") or DEFAULT_PREFIX
        allowed = ("https",) if serverless else ("https", "http")
        if kind not in SCHEMES or parts.scheme not in allowed or not parts.hostname or not _PREFIX.fullmatch(prefix):
            raise _malformed(setting)
        shards = parse_qs(parts.query).get("shards", [""])[0]
        if shards and not (shards.isdecimal() and int(shards) > 0):
            raise _malformed(setting)
        signed: Literal["es", "aoss"] = "aoss" if serverless else "es"
        region = _AWS_HOST.search(parts.hostname)
        return cls(
            url=f"{parts.scheme}://{parts.hostname}{port}",
            prefix=prefix,
            service=signed if parts.scheme == "https" else "",
            region=region.group(1) if region else "",
            shards=int(shards) if shards else None,
        )


def _malformed(setting: str) -> SettingsError:
    return SettingsError(
        f"SEARCH_URL {setting!r} names no OpenSearch; use opensearch:https://host/prefix, opensearch:http://host:port/"
        "prefix for a server of your own, or opensearch-serverless:https://host/prefix"
    )
