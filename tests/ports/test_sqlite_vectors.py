"""The embedded engine finds the very nearest vectors, although it keeps a byte for each number in memory."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.ml.adapters.sqlite_index import SqliteIndex
from functions.ml.ports import Scope
from tests.fakes.chunks import EVERYBODY, TENANT, make_chunk

SCOPE = Scope(TENANT, ("kb-1",), (EVERYBODY,))


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SqliteIndex]:
    engine = SqliteIndex(tmp_path)
    yield engine
    engine.close()


def crowded(numbers: np.random.Generator, size: int, dimensions: int, spread: float) -> np.ndarray:
    """Make vectors around a few centres; some are the same, and some lie nearer to each other than a byte tells."""
    centres = numbers.standard_normal((5, dimensions))
    made = centres[numbers.integers(5, size=size)] + spread * numbers.standard_normal((size, dimensions))
    made[:: size // 10] = made[0]
    return made


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(0, 10_000),
    st.sampled_from([1, 3, 64, 384]),
    st.sampled_from([0.0, 1e-4, 0.01, 1.0]),
    st.sampled_from([1, 7, 50]),
)
def test_the_nearest_are_those_of_an_exact_search(
    index: SqliteIndex, seed: int, dimensions: int, spread: float, limit: int
) -> None:
    numbers = np.random.default_rng(seed)
    vectors = crowded(numbers, 300, dimensions, spread)
    document = f"d-{seed}-{dimensions}-{spread}-{limit}".replace(".", "_")
    release = f"release-{dimensions}"
    for old in list(index.generations(TENANT)):
        index.delete(TENANT, old.document_id, through_generation=1)
    chunks = [
        make_chunk("text", document_id=document, ordinal=n, vector=vector.tolist(), release_id=release)
        for n, vector in enumerate(vectors)
    ]
    assert index.upsert(chunks) == []
    query = numbers.standard_normal(dimensions)
    found = index.search(SCOPE, text="", vector=tuple(query.tolist()), limit=limit).dense
    units = vectors / np.linalg.norm(vectors, axis=1)[:, None]
    cosines = units @ (query / np.linalg.norm(query))
    assert [hit.score for hit in found] == pytest.approx(sorted(cosines, reverse=True)[:limit], abs=2e-6)
    assert [(-hit.score, hit.indexed.chunk_id) for hit in found] == sorted(
        (-hit.score, hit.indexed.chunk_id) for hit in found
    )
    for hit in found:
        assert hit.score == pytest.approx(cosines[hit.indexed.chunk.ordinal], abs=2e-6)
