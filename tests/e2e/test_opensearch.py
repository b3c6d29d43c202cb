"""The whole platform on OpenSearch in the place of the embedded engine: `make up SEARCH=opensearch`."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.ml.adapters.search_engines import search_index
from infra.local.home import read_json
from infra.local.processes import Identity
from tests.e2e.conftest import SHOWN
from tests.e2e.platform import Person, Platform, awaited

FACT = "The lighthouse of Strandby was built in 1887 and is 23 metres high."
QUESTION = "When was the lighthouse of Strandby built?"


class OnOpenSearch(Platform):
    """The platform with the other engine."""

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "STRATA_SEARCH": "opensearch"}


@pytest.fixture(scope="module")
def on_opensearch(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Platform]:
    running = OnOpenSearch(tmp_path_factory.mktemp("on-opensearch"))
    request.config.stash[SHOWN] = running
    try:
        yield running.up()
    finally:
        running.end()


@pytest.fixture(scope="module")
def somebody(on_opensearch: Platform) -> Person:
    return on_opensearch.administrator()


def test_a_document_is_answered_from_and_after_its_delete_is_not(on_opensearch: Platform, somebody: Person) -> None:
    kb_id = somebody.knowledge_base("Coast")
    document_id = somebody.upload(kb_id, "lighthouse.md", f"# Strandby\n\n{FACT}\n".encode())
    somebody.upload(kb_id, "bakery.md", b"# Bakery\n\nThe bakery sells rye bread from six in the morning.\n")
    assert {item["status"] for item in somebody.settled(kb_id, 2)} == {"READY"}
    answer = somebody.ask(kb_id, QUESTION)
    assert not answer["refused"], answer
    assert answer["citations"][0]["filename"] == "lighthouse.md"
    assert "1887" in answer["citations"][0]["quote"]
    assert somebody.search(kb_id, QUESTION)[0]["document_id"] == document_id
    somebody.call("DELETE", f"/knowledge-bases/{kb_id}/documents/{document_id}")
    assert somebody.ask(kb_id, QUESTION)["refused"]
    assert document_id not in {hit["document_id"] for hit in somebody.search(kb_id, QUESTION)}
    port = read_json(on_opensearch.home.search / "running.json")["port"]
    index = search_index(f"opensearch:http://127.0.0.1:{port}/strata")
    held = {one.document_id for one in index.generations("demo")}
    assert len(held) in (1, 2)
    awaited(lambda: index.count("demo", document_id, None) == 0, "the end of its passages in the index")
    assert not list(on_opensearch.home.index.iterdir()), "the embedded engine was used"


def test_it_survives_a_restart_and_leaves_no_process(on_opensearch: Platform, somebody: Person) -> None:
    kb_id = somebody.knowledge_base("Kept")
    somebody.upload(kb_id, "lighthouse.md", f"# Strandby\n\n{FACT}\n".encode())
    somebody.settled(kb_id, 1)
    server = Identity.read(read_json(on_opensearch.home.running_file)["search"])
    assert server is not None
    assert server.is_alive()
    if os.geteuid() == 0:
        assert Path(f"/proc/{server.pid}").stat().st_uid != 0
    assert on_opensearch.down() == 0, on_opensearch.tail()
    assert not server.is_alive()
    assert on_opensearch.left() == []
    on_opensearch.up()
    assert not on_opensearch.administrator().ask(kb_id, QUESTION)["refused"]
    assert on_opensearch.down() == 0, on_opensearch.tail()
    assert on_opensearch.left() == []
