"""From the environment of the process to a client that is ready to ask."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from infra.cli.client import Client
from infra.cli.credentials import CredentialStore, credentials_path
from infra.cli.sign_in import SignIn
from infra.cli.target import Platform, find_platform
from infra.cli.transport import Transport


def credential_store(environ: Mapping[str, str] = os.environ) -> CredentialStore:
    """Return the sign-ins that are kept for this person."""
    return CredentialStore(credentials_path(environ))


def this_platform(environ: Mapping[str, str] = os.environ) -> Platform:
    """Return the platform that commands talk to.

    Raises:
        Unreachable: no platform was started and none was chosen.
        SignInNeeded: `STRATA_API_URL` names a platform that nobody signed in to.
    """
    return find_platform(environ, credential_store(environ))


@contextmanager
def connected(environ: Mapping[str, str] = os.environ) -> Iterator[Client]:
    """Give a client of the platform for the length of a command."""
    platform = this_platform(environ)
    transport = Transport(platform, SignIn(platform, credential_store(environ)))
    try:
        yield Client(transport)
    finally:
        transport.close()
