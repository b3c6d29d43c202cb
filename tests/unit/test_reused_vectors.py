"""A passage is embedded once, however often it comes."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ml.embedding.reuse import embed_passages, text_key
from functions.ml.ports import Vector
from tests.fakes.chunks import TENANT, make_chunk
from tests.fakes.embedder import HashEmbedder
from tests.fakes.search_index import MemorySearchIndex


def embed(embedder: HashEmbedder, index: MemorySearchIndex, texts: list[str], tenant_id: str = TENANT) -> list[Vector]:
    """Embed and write the chunks, as the embedding function does."""
    found = embed_passages(embedder, index, tenant_id, texts)
    for number, (key, vector) in enumerate(found):
        chunk = make_chunk(f"{key}-{number}", vector=vector)
        index.upsert([replace(chunk, tenant_id=tenant_id, text_key=key, chunk_id=f"{key}-{number}")])
    return [vector for _, vector in found]


def test_only_what_the_index_lacks_is_embedded() -> None:
    embedder, index = HashEmbedder(), MemorySearchIndex()
    embed(embedder, index, ["a", "b"])
    embed(embedder, index, ["b", "c", "a"])
    assert embedder.embedded == ["a", "b", "c"]


def test_a_text_that_stands_twice_in_a_part_is_embedded_once() -> None:
    embedder = HashEmbedder()
    first, second, third = embed(embedder, MemorySearchIndex(), ["a", "b", "a"])
    assert embedder.embedded == ["a", "b"]
    assert first == third != second


def test_another_model_does_not_take_the_vectors_of_the_first() -> None:
    index, second = MemorySearchIndex(), HashEmbedder(model_id="other")
    embed(HashEmbedder(), index, ["a"])
    embed(second, index, ["a"])
    assert second.embedded == ["a"]


def test_another_tenant_does_not_learn_what_this_one_holds() -> None:
    index, embedder = MemorySearchIndex(), HashEmbedder()
    embed(embedder, index, ["a"])
    embed(embedder, index, ["a"], tenant_id="other")
    assert embedder.embedded == ["a", "a"]


def test_a_vector_of_another_length_is_not_used() -> None:
    index, embedder = MemorySearchIndex(), HashEmbedder()
    damaged = replace(make_chunk("a", vector=(1.0, 0.0)), text_key=text_key(embedder.model_id, "a"))
    index.upsert([damaged])
    ((_, vector),) = embed_passages(embedder, index, TENANT, ["a"])
    assert [vector] == HashEmbedder().embed(["a"], purpose="passage")


def test_text_and_model_cannot_be_mistaken_for_each_other() -> None:
    assert text_key("a", "b\ud83d") != text_key("ab", "\ud83d")
    assert text_key("a", " b") != text_key("a", "b")


@settings(deadline=None)
@given(st.lists(st.lists(st.text(max_size=8), max_size=8), max_size=6))
def test_reuse_never_changes_a_vector(calls: list[list[str]]) -> None:
    embedder, index = HashEmbedder(), MemorySearchIndex()
    for texts in calls:
        assert embed(embedder, index, texts) == HashEmbedder().embed(texts, purpose="passage")
    assert sorted(embedder.embedded) == sorted({text for texts in calls for text in texts})
