"""What several conformance suites share."""

from collections.abc import Iterator

import pytest

from infra.local.opensearch.server import OpenSearchServer
from tests.opensearch_server import running_server


@pytest.fixture(scope="session")
def opensearch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSearchServer]:
    """The server of this run, started by the first test that needs it."""
    with running_server(tmp_path_factory.mktemp("opensearch")) as server:
        yield server
