"""What can be drawn of a document: every character once, in order, at the places that citations count in."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ml.ingestion import passages, views
from functions.ml.ingestion.parsing.files import parse_file
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.text import full_text
from functions.ml.parsed import Block, BlockKind, ParsedDocument
from functions.ml.view_files import FILE_BYTES, read_index, read_pages, write_view
from shared.contracts.boxes import Box
from shared.contracts.registry import DocumentRow
from shared.contracts.views import DocumentView, ViewedPage
from tests.fakes.object_store import MemoryObjects
from tests.rows import document

DATA = Path(__file__).parents[2] / "data" / "documents"
KINDS: st.SearchStrategy[BlockKind] = st.sampled_from(
    ["heading", "paragraph", "list_item", "table_row", "code", "caption", "note"]
)


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    kind = draw(KINDS)
    text = draw(st.text(alphabet="ab \n", max_size=8))
    row = kind == "table_row"
    return Block(
        kind=kind,
        text=text,
        level=1 if kind == "heading" else 0,
        page=draw(st.sampled_from([None, 1, 2])),
        table=draw(st.integers(0, 1)) if row else -1,
        cells=(text, "x") if row else (),
        header=draw(st.sampled_from([(), ("A", "B")])) if row else (),
    )


def drawn(document: ParsedDocument) -> list[ViewedPage]:
    return [ViewedPage.model_validate(fields) for fields in views.stretches(document)]


def leaves(pages: Sequence[ViewedPage]) -> list[tuple[int, int]]:
    return [(leaf.start, leaf.end) for page in pages for block in page.blocks for leaf in (block.rows or (block,))]


@given(st.lists(blocks(), max_size=30))
def test_every_block_with_text_is_drawn_once_at_its_place(found: list[Block]) -> None:
    parsed = ParsedDocument(tuple(found), 2, "page")
    full = full_text(parsed)
    pages = drawn(parsed)
    assert leaves(pages) == [span for span in full.spans if span[0] < span[1]]
    assert [page.ordinal for page in pages] == list(range(len(pages)))
    for page in pages:
        assert (page.start, page.end) == (page.blocks[0].start, page.blocks[-1].end)
        for block in page.blocks:
            if block.kind != "table":
                assert block.text == full.text[block.start : block.end]


@pytest.mark.parametrize("name", ["multi_page.pdf", "stanley-cups.xlsx", "wiki.md", "simple.zip", "docx_lists.docx"])
def test_real_files_are_drawn_whole(name: str) -> None:
    parsed = parse_file(DATA / name, filename=name, limits=ParserLimits())
    full = full_text(parsed)
    pages = drawn(parsed)
    assert leaves(pages) == [span for span in full.spans if span[0] < span[1]]
    numbers = [page.page for page in pages if page.page is not None and not page.continues]
    assert numbers == sorted(numbers) or parsed.unit == "section"


def test_a_sheet_is_a_table_with_its_header_and_its_cells() -> None:
    parsed = parse_file(DATA / "stanley-cups.xlsx", filename="stanley-cups.xlsx", limits=ParserLimits())
    pages = drawn(parsed)
    table = next(block for page in pages for block in page.blocks if block.kind == "table")
    assert pages[0].unit == "sheet"
    assert pages[0].sheet == "Stanley Cups"
    assert table.header == ("Team", "Location", "Stanley Cups")
    assert table.rows[0].cells == ("Blues", "STL", "1")


def test_boxes_count_in_the_text_of_the_document() -> None:
    first = Block("paragraph", "one", page=1, boxes=(Box(0, 1, 0.1, 0.1, 0.9, 0.2),))
    second = Block(
        "paragraph", "two three", page=1, boxes=(Box(0, 1, 0.1, 0.3, 0.9, 0.4), Box(4, 1, 0.1, 0.4, 0.5, 0.5))
    )
    (page,) = drawn(ParsedDocument((first, second), 1, "page"))
    assert [box.start for block in page.blocks for box in block.boxes] == [0, 5, 9]


def test_long_pages_are_parted_and_say_so() -> None:
    rows = tuple(
        Block("table_row", f"{n} | x", page=1, sheet="S", table=0, cells=(str(n), "x"), row=n, header=("N", "X"))
        for n in range(1, 2 * views.MOST_BLOCKS)
    )
    pages = drawn(ParsedDocument(rows, 1, "sheet"))
    assert [page.continues for page in pages] == [False, True]
    assert [page.blocks[0].header for page in pages] == [("N", "X")] * 2
    assert [page.blocks[0].rows[0].row for page in pages] == [1, views.MOST_BLOCKS + 1]


def test_of_a_very_long_document_the_first_part_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = ParsedDocument(tuple(Block("paragraph", "word " * 100, page=n) for n in range(1, 100)), 99, "page")
    monkeypatch.setattr(passages, "MOST_VIEW_BYTES", 20_000)
    lines = list(passages.view_lines(parsed))
    assert 10 < len(lines) < 60
    assert sum(map(len, lines)) <= 20_000


def test_a_long_view_lies_in_several_files_and_is_read_from_anywhere() -> None:
    artifacts, row = MemoryObjects(), row_of(3)
    parsed = ParsedDocument(tuple(Block("paragraph", "word " * 1000, page=n) for n in range(1, 400)), 399, "page")
    pages = drawn(parsed)
    view = DocumentView(unit="page", pages=399, characters=len(full_text(parsed).text), stretches=0)
    write_view(artifacts, row, iter(pages), view)
    assert all(len(held[-1][1]) <= FILE_BYTES + 1000 for held in artifacts.versions.values())
    index = read_index(artifacts, row, 3)
    assert len(index.begins) > 3
    assert (index.view.stretches, index.view.is_whole) == (399, True)
    assert list(read_pages(artifacts, row, 3, index, 0)) == pages
    at = pages[250]
    for number in (index.file_of(at.ordinal), index.file_at(at.start), index.file_at(at.end - 1)):
        assert next(read_pages(artifacts, row, 3, index, number)).ordinal <= at.ordinal
        assert at in list(read_pages(artifacts, row, 3, index, number))


def test_an_empty_view_is_a_view() -> None:
    artifacts, row = MemoryObjects(), row_of(1)
    write_view(artifacts, row, iter(()), DocumentView(unit="page", pages=1, characters=9, stretches=0))
    index = read_index(artifacts, row, 1)
    assert (index.view.stretches, index.view.is_whole, list(read_pages(artifacts, row, 1, index, 0))) == (0, False, [])


def row_of(generation: int) -> DocumentRow:
    return document().model_copy(update={"generation": generation})
