"""A passage is embedded once; a query never waits for the cache."""

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ml.embedding.cached import CachedEmbedder
from tests.fakes.embedder import HashEmbedder, MemoryVectorCache


def test_only_what_the_cache_lacks_is_embedded() -> None:
    embedder, cache = HashEmbedder(), MemoryVectorCache()
    cached = CachedEmbedder(embedder, cache)
    cached.embed(["a", "b"], purpose="passage")
    cached.embed(["b", "c", "a"], purpose="passage")
    assert embedder.embedded == ["a", "b", "c"]


def test_a_text_that_stands_twice_in_a_call_is_embedded_once() -> None:
    embedder = HashEmbedder()
    first, second, third = CachedEmbedder(embedder, MemoryVectorCache()).embed(["a", "b", "a"], purpose="passage")
    assert embedder.embedded == ["a", "b"]
    assert first == third != second


def test_queries_are_neither_read_from_the_cache_nor_kept() -> None:
    embedder, cache = HashEmbedder(), MemoryVectorCache()
    cached = CachedEmbedder(embedder, cache)
    cached.embed(["a"], purpose="query")
    cached.embed(["a"], purpose="query")
    assert embedder.embedded == ["a", "a"]
    assert cache.vectors == {}


def test_another_model_does_not_take_the_vectors_of_the_first() -> None:
    cache, second = MemoryVectorCache(), HashEmbedder(model_id="other")
    CachedEmbedder(HashEmbedder(), cache).embed(["a"], purpose="passage")
    CachedEmbedder(second, cache).embed(["a"], purpose="passage")
    assert second.embedded == ["a"]


def test_a_cached_vector_that_cannot_be_the_model_s_is_not_used() -> None:
    embedder = HashEmbedder()
    damaged = [(1.0,), (0.0,) * 64, (float("nan"),) * 64, (0.5,) * 64]
    for vector in damaged:
        cache = MemoryVectorCache({(embedder.model_id, "a"): vector})
        found = CachedEmbedder(embedder, cache).embed(["a"], purpose="passage")
        assert found == HashEmbedder().embed(["a"], purpose="passage")
        assert cache.get(embedder.model_id, ["a"]) == found


@settings(deadline=None)
@given(st.lists(st.lists(st.text(max_size=8), max_size=8), max_size=6))
def test_caching_never_changes_an_answer(calls: list[list[str]]) -> None:
    embedder = HashEmbedder()
    cached = CachedEmbedder(embedder, MemoryVectorCache())
    for texts in calls:
        assert cached.embed(texts, purpose="passage") == HashEmbedder().embed(texts, purpose="passage")
    assert sorted(embedder.embedded) == sorted({text for texts in calls for text in texts})
