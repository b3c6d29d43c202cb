"""What every chunking strategy promises."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings

from functions.ml.documents import Chunk
from functions.ml.ingestion.chunking import chunker_for
from functions.ml.ingestion.chunking.sizes import estimate_tokens
from functions.ml.ingestion.text import full_text
from functions.ml.parsed import Block, ParsedDocument
from tests.unit.ingestion.documents import documents

STRATEGIES: list[tuple[str, Mapping[str, object], int]] = [
    ("structure", {}, 400),
    ("structure", {"target_tokens": 60, "max_tokens": 80, "min_tokens": 15}, 80),
    ("structure", {"target_tokens": 60, "max_tokens": 80, "min_tokens": 15, "overlap_sentences": 1}, 80),
    ("fixed", {}, 280),
    ("fixed", {"size_tokens": 40, "overlap_tokens": 10}, 40),
    ("fixed", {"size_tokens": 40, "overlap_tokens": 0}, 40),
]

every_strategy = pytest.mark.parametrize(
    ("strategy", "parameters", "most"),
    STRATEGIES,
    ids=["structure", "structure small", "structure overlapping", "fixed", "fixed small", "fixed apart"],
)


def check(document: ParsedDocument, chunks: list[Chunk], most: int) -> None:
    full = full_text(document)
    covered = bytearray(len(full.text))
    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))
    for chunk in chunks:
        start, end = chunk.place.start, chunk.place.end
        assert chunk.text == full.text[start:end]
        assert chunk.text.strip()
        assert estimate_tokens(chunk.text) <= most
        covered[start:end] = b"\x01" * (end - start)
        pages = [
            block.page
            for block, (left, right) in zip(document.blocks, full.spans, strict=True)
            if left < right and left < end and right > start
        ]
        assert (chunk.place.page, chunk.place.page_end) == (pages[0], pages[-1])
        assert "\n" not in chunk.context
    starts = [chunk.place.start for chunk in chunks]
    assert starts == sorted(starts)
    assert all(here or character.isspace() for here, character in zip(covered, full.text, strict=True))


@every_strategy
@given(document=documents())
@settings(deadline=None, max_examples=60)
def test_chunks_are_ordered_exact_bounded_and_leave_nothing_out(
    strategy: str, parameters: Mapping[str, object], most: int, document: ParsedDocument
) -> None:
    check(document, chunker_for(strategy, parameters)(document), most)


@every_strategy
def test_a_document_without_text_has_no_chunks(strategy: str, parameters: Mapping[str, object], most: int) -> None:
    del most
    empty = ParsedDocument((Block("paragraph", "  "),), pages=1, unit="section")
    assert chunker_for(strategy, parameters)(empty) == []


@every_strategy
def test_the_same_document_gives_the_same_chunks(strategy: str, parameters: Mapping[str, object], most: int) -> None:
    document = ParsedDocument((Block("paragraph", "A sentence of words. " * 300, page=1),), pages=1, unit="page")
    chunks = chunker_for(strategy, parameters)(document)
    assert chunks == chunker_for(strategy, parameters)(document)
    check(document, chunks, most)
