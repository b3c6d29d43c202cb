"""One LocalStack for the whole run of these tests, with its clients from `localstack-client`."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from localstack_client.session import Session

from infra.localstack.server import LocalStack, localstack

Client = Callable[[str], Any]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with localstack(tmp_path_factory.mktemp("localstack")) as running:
        yield running


@pytest.fixture(scope="session")
def client(server: LocalStack) -> Client:
    made: Client = Session(localstack_host=f"127.0.0.1:{server.port}").client
    return made
