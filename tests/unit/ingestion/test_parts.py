"""Into how many parts a document is cut."""

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ml.ingestion.parts import ALONE, part_size


@pytest.mark.parametrize(
    ("chunks", "sizes"), [(1, [1]), (16, [16]), (17, [9, 8]), (40, [20, 20]), (65, [22, 22, 21]), (5_000, [32] * 156)]
)
def test_parts_are_few_and_of_one_size_and_two_workers_share_what_is_not_small(chunks: int, sizes: list[int]) -> None:
    size = part_size(chunks, 32)
    found = [min(size, chunks - start) for start in range(0, chunks, size)]
    assert found[: len(sizes)] == sizes


@given(st.integers(1, 200_000), st.integers(1, 64))
def test_no_part_is_larger_than_it_may_be(chunks: int, most: int) -> None:
    size = part_size(chunks, most)
    assert 1 <= size <= most
    assert ceil(chunks / size) >= (2 if chunks > ALONE else 1)
