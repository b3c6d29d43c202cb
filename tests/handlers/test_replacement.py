"""A replaced document, and content that comes twice: the real services of both layers on one registry."""

import pytest

from functions.application.api import wiring
from functions.ml.ports import Scope
from functions.ml.retrieval.fusion import ConvexRanker
from functions.ml.retrieval.service import Retrieve
from tests.fakes.application import SETTINGS, World
from tests.fakes.pipeline import Pipeline
from tests.handlers.api.client import Caller, key_set

OLD = "The harbour opens at seven.\nThe ferry costs four crowns.\nDogs travel free."
NEW = "The harbour opens at nine.\nThe ferry costs four crowns.\nCats travel free."


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    made = Pipeline()
    world = World(keys=key_set(), registry=made.registry)
    application = world.application()
    monkeypatch.setattr(wiring, "wired", lambda: application)
    monkeypatch.setattr(wiring, "settings", lambda: SETTINGS)
    return made


def passages(pipeline: Pipeline, query: str = "harbour ferry travel free") -> set[str]:
    """Search as answering does, with the check of every hit against the registry."""
    retrieve = Retrieve(pipeline.index, pipeline.registry, lambda _: pipeline.embedder, ConvexRanker())
    scope = Scope("acme", ("kb_1",), ("tenant:acme",))
    return {hit.indexed.chunk.text for hit in retrieve(scope, query, limit=20)}


def versions() -> tuple[str, int, int | None]:
    """What the API shows: state, version in work, version that answers."""
    shown = Caller("bob")("GET", "/knowledge-bases/kb_1/documents/doc_1").body
    return shown["status"], shown["version"], shown["live_version"]


def test_a_replaced_document_answers_from_the_old_version_until_the_new_one_is_ready(pipeline: Pipeline) -> None:
    pipeline.hint(pipeline.upload(OLD))
    pipeline.rest()
    assert versions() == ("READY", 1, 1)
    pipeline.hint(pipeline.upload(NEW))
    while pipeline.embed_queue.bodies:  # at every step only the old one, though the index fills with the new
        assert versions() == ("EMBEDDING", 2, 1)
        assert passages(pipeline) == set(OLD.splitlines())
        pipeline.embed_next()
    assert versions() == ("READY", 2, 2)
    assert passages(pipeline) == set(NEW.splitlines())
    assert pipeline.indexed() == {2: 3}


def test_a_replacement_that_fails_leaves_the_old_version_answering(pipeline: Pipeline) -> None:
    pipeline.hint(pipeline.upload(OLD))
    pipeline.rest()
    pipeline.hint(pipeline.upload(""))
    assert versions() == ("FAILED", 2, 1)
    assert passages(pipeline) == set(OLD.splitlines())


def test_content_that_comes_twice_is_embedded_once_and_answers_for_both(pipeline: Pipeline) -> None:
    pipeline.hint(pipeline.upload(OLD, "doc_1"))
    pipeline.rest()
    assert pipeline.embedder.embedded == OLD.splitlines()
    pipeline.hint(pipeline.upload(OLD, "doc_2"))
    pipeline.rest()
    assert pipeline.embedder.embedded == OLD.splitlines()
    assert (pipeline.indexed("doc_1"), pipeline.indexed("doc_2")) == ({1: 3}, {1: 3})


def test_a_new_version_embeds_only_what_changed(pipeline: Pipeline) -> None:
    pipeline.hint(pipeline.upload(OLD))
    pipeline.rest()
    pipeline.embedder.embedded.clear()
    pipeline.hint(pipeline.upload(NEW))
    pipeline.rest()
    assert set(pipeline.embedder.embedded) == set(NEW.splitlines()) - set(OLD.splitlines())
