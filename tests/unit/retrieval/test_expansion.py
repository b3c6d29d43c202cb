"""Search small, answer from large, on documents that were really cut so."""

from dataclasses import replace

import pytest

from functions.ml.documents import Chunk, IndexedChunk, chunk_id
from functions.ml.ingestion.chunking import chunker_for
from functions.ml.ingestion.text import full_text
from functions.ml.parsed import Block, ParsedDocument
from functions.ml.ports import RankedHit, Scope
from functions.ml.retrieval.expansion import ReadAround
from shared.contracts.boxes import Box
from tests.fakes.chunks import EVERYBODY, TENANT, make_chunk
from tests.fakes.search_index import MemorySearchIndex

SCOPE = Scope(TENANT, ("kb-1",), (EVERYBODY,))


def manual() -> ParsedDocument:
    """Two chapters on four pages, a paragraph on each page and one that goes over two."""
    blocks: list[Block] = []
    for chapter in (1, 2):
        page = 2 * chapter - 1
        blocks.append(Block("heading", f"Chapter {chapter}", level=1, page=page, boxes=(Box(0, page, 0, 0, 1, 0.1),)))
        text = " ".join(f"Step {n} of chapter {chapter} turns the valve number {n} slowly." for n in range(40))
        half = text.index("Step 20")
        boxes = (Box(0, page, 0, 0.1, 1, 1), Box(half, page + 1, 0, 0, 1, 0.5))
        blocks.append(Block("paragraph", text, page=page, boxes=boxes))
    return ParsedDocument(tuple(blocks), pages=4, unit="page", title="Manual")


def indexed(chunk: Chunk, readers: tuple[str, ...] = (EVERYBODY,)) -> IndexedChunk:
    plain = make_chunk(chunk.text, ordinal=chunk.ordinal, readers=readers, context=chunk.context)
    return replace(plain, chunk=chunk)


def hit(chunk: Chunk, score: float = 1.0) -> RankedHit:
    return RankedHit(replace(indexed(chunk), vector=()), score, score, score)


def cut(strategy: str, index: MemorySearchIndex) -> list[Chunk]:
    chunks = chunker_for(strategy, {})(manual())
    index.upsert([indexed(chunk) for chunk in chunks])
    return chunks


@pytest.mark.parametrize("strategy", ["parent-child", "sentence-window"])
def test_a_hit_is_read_in_its_passage_which_is_the_documents_text_with_its_place(strategy: str) -> None:
    index = MemorySearchIndex()
    chunks = cut(strategy, index)
    text = full_text(manual()).text
    for chunk in chunks:
        assert chunk.place.read_with is not None
        first, last = chunk.place.read_with
        (read,) = ReadAround(index)(SCOPE, [hit(chunk)])
        passage = read.indexed.chunk
        assert read.indexed.chunk_id == chunk_id("doc-1", 1, chunk.ordinal)
        assert passage.text == text[passage.place.start : passage.place.end]
        assert (passage.place.start, passage.place.end) == (chunks[first].place.start, chunks[last].place.end)
        assert passage.place.read_with is None


def test_a_quote_of_a_neighbour_has_its_own_page_and_box() -> None:
    index = MemorySearchIndex()
    chunks = cut("parent-child", index)
    (read,) = ReadAround(index)(SCOPE, [hit(chunks[0])])
    passage = read.indexed.chunk
    for step, page in ((3, 1), (19, 1), (20, 2), (39, 2)):
        at = passage.text.index(f"Step {step} ")
        place = passage.place.within(at, at + 10)
        assert (place.page, place.page_end, [box.page for box in place.boxes]) == (page, page, [page])
    assert passage.place.heading_path == ("Chapter 1",)
    assert (passage.place.page, passage.place.page_end) == (1, 2)


def test_two_hits_of_one_passage_are_read_once_with_the_score_of_the_better() -> None:
    index = MemorySearchIndex()
    chunks = cut("parent-child", index)
    other = next(chunk for chunk in chunks if chunk.place.heading_path == ("Chapter 2",))
    read = ReadAround(index)(SCOPE, [hit(chunks[1], 0.9), hit(chunks[0], 0.8), hit(other, 0.7)])
    assert [one.score for one in read] == [0.9, 0.7]


def test_a_hit_that_is_read_alone_stays_what_it_is() -> None:
    index = MemorySearchIndex()
    found = [hit(chunk) for chunk in cut("structure", index)]
    assert ReadAround(index)(SCOPE, found) == found


def test_a_neighbour_that_is_gone_ends_the_passage() -> None:
    index = MemorySearchIndex()
    chunks = cut("parent-child", index)
    del index.held[TENANT][chunk_id("doc-1", 1, 2)]
    (read,) = ReadAround(index)(SCOPE, [hit(chunks[0])])
    assert read.indexed.chunk.text == chunks[0].text + chunks[1].text


def test_a_neighbour_that_does_not_touch_is_not_read_as_if_it_did() -> None:
    index = MemorySearchIndex()
    chunks = cut("parent-child", index)
    moved = chunks[1].place.model_copy(update={"start": chunks[1].place.start + 1})
    index.upsert([indexed(replace(chunks[1], place=moved))])
    (read,) = ReadAround(index)(SCOPE, [hit(chunks[0])])
    assert read.indexed.chunk.text == chunks[0].text


def test_a_neighbour_that_the_caller_may_not_see_is_not_read() -> None:
    index = MemorySearchIndex()
    chunks = chunker_for("parent-child", {})(manual())
    index.upsert([indexed(chunk, ("user:boss",) if chunk.ordinal == 1 else (EVERYBODY,)) for chunk in chunks])
    (read,) = ReadAround(index)(SCOPE, [hit(chunks[0])])
    assert read.indexed.chunk.text == chunks[0].text
