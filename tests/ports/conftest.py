"""What several conformance suites share: the search engines, of which OpenSearch is one server a run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.ml.adapters.sqlite_index import SqliteIndex
from functions.ml.ports import SearchIndex
from infra.local.opensearch.server import OpenSearchServer
from tests.fakes.search_index import MemorySearchIndex
from tests.opensearch_server import fresh_index, running_server


@pytest.fixture(scope="session")
def opensearch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSearchServer]:
    """The server of this run, started by the first test that needs it."""
    with running_server(tmp_path_factory.mktemp("opensearch")) as server:
        yield server


@pytest.fixture(params=["memory", "sqlite", pytest.param("opensearch", marks=pytest.mark.opensearch)])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchIndex]:
    """Every engine in turn, empty."""
    if request.param == "memory":
        yield MemorySearchIndex()
    elif request.param == "sqlite":
        engine = SqliteIndex(tmp_path / "index")
        yield engine
        engine.close()
    else:
        with fresh_index(request.getfixturevalue("opensearch")) as on_server:
            yield on_server
