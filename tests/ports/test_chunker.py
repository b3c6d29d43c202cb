"""What every chunking strategy promises."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from hypothesis import given, settings

from functions.ml.documents import Chunk
from functions.ml.ingestion.chunking import STRATEGIES, chunker_for
from functions.ml.ingestion.text import full_text
from functions.ml.parsed import Block, BlockKind, ParsedDocument
from functions.ml.ports import Chunker
from functions.ml.token_estimates import estimate_tokens
from shared.contracts.boxes import Box, boxes_between
from tests.unit.ingestion.documents import documents


@dataclass(frozen=True)
class Case:
    """A strategy with parameters, and the size in estimated tokens that none of its chunks exceeds."""

    strategy: str
    parameters: Mapping[str, object]
    most: int


CASES = {
    "structure": Case("structure", {}, 400),
    "structure small": Case(
        "structure", {"target_tokens": 60, "max_tokens": 80, "min_tokens": 15, "whole_tokens": 80}, 80
    ),
    "structure overlapping": Case(
        "structure",
        {"target_tokens": 60, "max_tokens": 80, "min_tokens": 15, "whole_tokens": 80, "overlap_sentences": 1},
        80,
    ),
    "fixed": Case("fixed", {}, 200),
    "fixed small": Case("fixed", {"size_tokens": 40, "overlap_tokens": 10}, 40),
    "fixed apart": Case("fixed", {"size_tokens": 40, "overlap_tokens": 0}, 40),
    "sentence-window": Case("sentence-window", {}, 120),
    "sentence-window alone": Case("sentence-window", {"least_tokens": 0, "most_tokens": 40, "window": 0}, 40),
    "parent-child": Case("parent-child", {}, 120),
    "parent-child small": Case(
        "parent-child",
        {
            "child_tokens": 20,
            "max_child_tokens": 30,
            "parent_tokens": 60,
            "max_parent_tokens": 90,
            "min_parent_tokens": 10,
        },
        30,
    ),
    "table-rows": Case("table-rows", {}, 2000),
    "table-rows single": Case("table-rows", {"rows": 1, "max_tokens": 60, "max_row_tokens": 60}, 400),
    "page": Case("page", {}, 2000),
    "page small": Case("page", {"max_tokens": 80, "target_tokens": 60}, 80),
    "question-answer": Case("question-answer", {}, 400),
    "question-answer small": Case(
        "question-answer",
        {
            "max_pair_tokens": 70,
            "prose_tokens": 60,
            "max_prose_tokens": 80,
            "whole_prose_tokens": 80,
            "min_prose_tokens": 15,
        },
        80,
    ),
}
every_strategy = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
with_defaults = pytest.mark.parametrize("strategy", STRATEGIES)


def check(document: ParsedDocument, chunks: list[Chunk], most: int) -> None:
    full = full_text(document)
    covered = bytearray(len(full.text))
    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))
    for chunk in chunks:
        start, end = chunk.place.start, chunk.place.end
        assert chunk.text == full.text[start:end]
        assert chunk.text.strip()
        assert estimate_tokens(chunk.text.strip()) <= most
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
    check_what_is_read_together(full.text, chunks)


def check_what_is_read_together(text: str, chunks: list[Chunk]) -> None:
    """The texts of chunks that are read together are, one after the other, the document's own."""
    for chunk in chunks:
        if chunk.place.read_with is None:
            continue
        first, last = chunk.place.read_with
        assert 0 <= first <= chunk.ordinal <= last < len(chunks)
        assert first < last
        together = chunks[first : last + 1]
        assert "".join(one.text for one in together) == text[together[0].place.start : together[-1].place.end]
        assert len({(one.place.member, one.place.sheet) for one in together}) == 1


@every_strategy
@given(document=documents())
@settings(deadline=None, max_examples=60)
def test_chunks_are_ordered_exact_bounded_and_leave_nothing_out(case: Case, document: ParsedDocument) -> None:
    check(document, chunker_for(case.strategy, case.parameters)(document), case.most)


@every_strategy
def test_a_document_without_text_has_no_chunks(case: Case) -> None:
    empty = ParsedDocument((Block("paragraph", "  "),), pages=1, unit="section")
    assert chunker_for(case.strategy, case.parameters)(empty) == []


@every_strategy
def test_the_same_document_gives_the_same_chunks(case: Case) -> None:
    document = ParsedDocument((Block("paragraph", "A sentence of words. " * 300, page=1),), pages=1, unit="page")
    chunks = chunker_for(case.strategy, case.parameters)(document)
    assert chunks == chunker_for(case.strategy, case.parameters)(document)
    check(document, chunks, case.most)


@every_strategy
def test_every_chunk_carries_the_boxes_of_its_text(case: Case) -> None:
    sentence = "The committee met in the autumn. "
    blocks = tuple(
        Block("paragraph", sentence * 12, page=page, boxes=(Box(0, page, 0, 0, 1, 0.5), Box(198, page, 0, 0.5, 1, 1)))
        for page in range(1, 6)
    )
    document = ParsedDocument(blocks, pages=5, unit="page")
    spans = full_text(document).spans
    placed = zip(blocks, spans, strict=True)
    boxes = tuple(Box(span[0] + box.start, *box[1:]) for block, span in placed for box in block.boxes)
    for chunk in chunker_for(case.strategy, case.parameters)(document):
        expected = boxes_between(boxes, chunk.place.start, chunk.place.start + len(chunk.text.rstrip()))
        assert chunk.place.boxes == expected
        assert expected


@every_strategy
def test_no_chunk_mixes_the_files_of_a_container_or_its_sheets(case: Case) -> None:
    blocks = [Block("paragraph", "Small.", member=f"{n // 2}.txt", sheet=f"S{n}" if n > 5 else None) for n in range(10)]
    document = ParsedDocument(tuple(blocks), pages=1, unit="section")
    chunks = chunker_for(case.strategy, case.parameters)(document)
    assert {chunk.place.member for chunk in chunks} == {block.member for block in blocks}
    if case.strategy != "fixed":  # its windows are blind to all but files
        assert {chunk.place.sheet for chunk in chunks} == {block.sheet for block in blocks}
    check_what_is_read_together(full_text(document).text, chunks)


def one_line(size: int) -> ParsedDocument:
    return ParsedDocument((Block("paragraph", "words and more words without an end " * (size // 36)),), 1, "section")


def tiny_blocks(size: int) -> ParsedDocument:
    kinds: tuple[BlockKind, ...] = ("paragraph", "list_item", "heading", "table_row")
    blocks = [Block(kinds[n % 4], f"w{n}?", level=n % 7 if n % 4 == 2 else 0, page=n // 50 + 1) for n in range(size)]
    return ParsedDocument(tuple(blocks), size // 50 + 1, "page")


def processor_time_of(cut: Chunker, document: ParsedDocument) -> float:
    started = time.thread_time()
    assert cut(document)
    return time.thread_time() - started


@with_defaults
@pytest.mark.parametrize(("make", "size"), [(one_line, 1_000_000), (tiny_blocks, 100_000)])
def test_time_grows_with_the_document_and_no_faster(strategy: str, make: object, size: int) -> None:
    """Processor time of this thread, for others may have work; quadratic work would take 16 times the quarter's.

    The bound is far over what is measured; of two runs the quicker counts, as the first pays for fresh memory.
    """
    assert callable(make)
    cut = chunker_for(strategy, {})
    spent = []
    for share in (size // 4, size):
        document = make(share)
        spent.append(min(processor_time_of(cut, document) for _ in range(2)))
    assert spent[1] < 9 * spent[0] + 0.5
