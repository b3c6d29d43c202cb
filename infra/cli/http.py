"""HTTP connections as every part of the command opens them."""

from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 60.0


def is_on_this_machine(url: str) -> bool:
    """Tell whether an address is of this machine, by its name alone."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def open_http(url: str, *, read_timeout_s: float = READ_TIMEOUT_S) -> httpx.Client:
    """Open connections for addresses like `url`.

    A proxy of the environment is passed by for this machine's own addresses: it could not reach them.
    """
    timeout = httpx.Timeout(read_timeout_s, connect=CONNECT_TIMEOUT_S)
    return httpx.Client(timeout=timeout, trust_env=not is_on_this_machine(url))
