from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ml.ingestion.chunking import chunker_for
from functions.ml.ingestion.chunking.sentences import cut_to_size, sentence_spans
from functions.ml.parsed import Block, ParsedDocument
from functions.ml.token_estimates import estimate_tokens
from shared.contracts.boxes import Box
from shared.kernel.errors import Invalid

SENTENCE = "The committee met in the autumn and agreed on the plan for next year. "


def document(*blocks: Block) -> ParsedDocument:
    return ParsedDocument(blocks, pages=1, unit="section", title="Report")


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, 0, len(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One ends. Two ends! Three?", ["One ends.", "Two ends!", "Three?"]),
        ("See Dr. Smith, e.g. on p. 4. Then go.", ["See Dr. Smith, e.g. on p. 4.", "Then go."]),
        ("all in small letters. no capitals here.", ["all in small letters.", "no capitals here."]),
        ("她来了。他走了！真的吗？是。", ["她来了。", "他走了！", "真的吗？", "是。"]),
        ("هل وصلت؟ نعم وصلت.", ["هل وصلت؟", "نعم وصلت."]),
        ("यह पहला है। यह दूसरा है।", ["यह पहला है।", "यह दूसरा है।"]),
        ('He said "Stop." Then he left.', ['He said "Stop."', "Then he left."]),
    ],
)
def test_sentences_end_where_their_script_ends_them(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_hostile_run_of_points_takes_no_time() -> None:
    text = "." * 2_000_000 + "x"
    assert sentence_spans(text, 0, len(text)) == [(0, len(text))]


@given(st.text(max_size=400), st.integers(2, 40))
@settings(deadline=None)
def test_cut_pieces_hold_all_that_is_not_space_and_fit(text: str, most: int) -> None:
    pieces = [text[start:end] for start, end in cut_to_size(text, 0, len(text), most)]
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(estimate_tokens(piece) <= most for piece in pieces)


def test_big_sections_do_not_share_a_chunk() -> None:
    long = SENTENCE * 5
    chunks = chunker_for("structure", {})(
        document(
            Block("heading", "A", level=1),
            Block("paragraph", long),
            Block("heading", "B", level=1),
            Block("paragraph", long),
        )
    )
    assert [chunk.place.heading_path for chunk in chunks] == [("A",), ("B",)]
    assert chunks[0].context == "Report › A"


def test_small_sections_are_packed_together() -> None:
    blocks = [
        block for n in range(4) for block in (Block("heading", f"Part {n}", level=2), Block("paragraph", f"Text {n}"))
    ]
    assert len(chunker_for("structure", {})(document(*blocks))) == 1


def test_no_chunk_ends_with_a_heading() -> None:
    blocks: list[Block] = []
    for n in range(30):
        blocks += [Block("paragraph", SENTENCE * 7), Block("heading", f"Section {n}", level=3)]
    blocks.append(Block("paragraph", SENTENCE))
    for chunk in chunker_for("structure", {})(document(*blocks)):
        assert not chunk.text.splitlines()[-1].startswith("Section")


def test_a_sentence_is_not_cut() -> None:
    text = SENTENCE * 100
    chunks = chunker_for("structure", {})(document(Block("paragraph", text)))
    assert len(chunks) > 3
    assert all(chunk.text.startswith("The committee") and chunk.text.endswith("year.") for chunk in chunks)


def test_rows_name_their_header_in_every_chunk_and_keep_their_numbers() -> None:
    rows = [
        Block(
            "table_row", f"City {n} | {n}", table=0, header=("City", "People"), cells=(f"City {n}", str(n)), row=n + 1
        )
        for n in range(1, 200)
    ]
    chunks = chunker_for("structure", {})(document(*rows))
    assert len(chunks) > 3
    assert {chunk.kind for chunk in chunks} == {"table"}
    assert all(
        line.startswith("City: City ") and "People: " in line for chunk in chunks for line in chunk.text.splitlines()
    )
    assert [chunk.place.row_start for chunk in chunks[1:]] == [(chunk.place.row_end or 0) + 1 for chunk in chunks[:-1]]


def test_pages_are_kept_exactly() -> None:
    blocks = [Block("paragraph", SENTENCE * 4, page=page) for page in (1, 1, 2, 3, 3, 3)]
    chunks = chunker_for("structure", {})(ParsedDocument(tuple(blocks), 3, "page"))
    assert [(chunk.place.page, chunk.place.page_end) for chunk in chunks] == [(1, 2), (3, 3)]


@pytest.mark.parametrize("strategy", ["structure", "fixed"])
def test_every_part_of_a_chunk_knows_its_page(strategy: str) -> None:
    texts = {page: f"Page {page} says little." for page in (1, 2, 4)}
    blocks = tuple(Block("paragraph", text, page=page) for page, text in texts.items())
    chunk = chunker_for(strategy, {})(ParsedDocument(blocks, 4, "page"))[0]
    for page, text in texts.items():
        start = chunk.text.index(text)
        part = chunk.place.within(start, start + len(text))
        assert (part.page, part.page_end, part.page_turns) == (page, page, ())
    both = chunk.place.within(chunk.text.index("2 says"), chunk.text.index("4 says"))
    assert (both.page, both.page_end, len(both.page_turns)) == (2, 4, 1)


def test_an_overlap_repeats_the_last_sentence() -> None:
    text = " ".join(f"Sentence number {n} says what it says." for n in range(200))
    chunks = chunker_for("structure", {"overlap_sentences": 1})(document(Block("paragraph", text)))
    for above, below in pairwise(chunks):
        assert below.text.split(".")[0] == above.text.split(".")[-2].strip()


def test_wide_scripts_are_sized_by_tokens() -> None:
    chunks = chunker_for("structure", {})(document(Block("paragraph", "今天我们讨论数据库的设计。" * 200)))
    assert max(len(chunk.text) for chunk in chunks) < 300


@pytest.mark.parametrize(
    ("strategy", "parameters", "code"),
    [
        ("semantic", {}, "unknown_chunker"),
        ("structure", {"size": 5}, "invalid_chunking"),
        ("structure", {"target_tokens": "280"}, "invalid_chunking"),
        ("structure", {"target_tokens": 390}, "invalid_chunking"),
        ("structure", {"overlap_sentences": 2}, "invalid_chunking"),
        ("fixed", {"overlap_tokens": 200}, "invalid_chunking"),
        ("fixed", {"size_tokens": True}, "invalid_chunking"),
    ],
)
def test_a_wrong_choice_is_refused(strategy: str, parameters: dict[str, object], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        chunker_for(strategy, parameters)
    assert caught.value.code == code


def test_headings_without_text_do_not_grow_over_the_maximum() -> None:
    blocks = [Block("heading", f"{n} {SENTENCE}", level=3) for n in range(60)]
    chunks = chunker_for("structure", {})(document(*blocks))
    assert max(estimate_tokens(chunk.text) for chunk in chunks) <= 400


def test_a_chunk_carries_the_boxes_of_its_text_and_the_page_of_each() -> None:
    first = Block(
        "paragraph",
        "Left column. Right column.",
        page=1,
        boxes=(Box(0, 1, 0.1, 0.5, 0.4, 0.9), Box(13, 2, 0.1, 0, 0.4, 0.1)),
    )
    other = Block("paragraph", "Below.", page=2, boxes=(Box(0, 2, 0.1, 0.2, 0.9, 0.3),))
    (chunk,) = chunker_for("structure", {})(ParsedDocument((first, other), pages=2, unit="page"))
    assert [(box.start, box.page) for box in chunk.place.boxes] == [(0, 1), (13, 2), (28, 2)]
    assert (chunk.place.page, chunk.place.page_end, chunk.place.page_turns) == (1, 2, ((2, 13),))
    quote = chunk.text.index("Right")
    within = chunk.place.within(quote, quote + 5)
    assert (within.page, [box.start for box in within.boxes]) == (2, [13])
    assert chunk.place.within(0, 13).page_end == 1


def test_a_long_paragraph_that_is_cut_leaves_each_part_its_own_boxes() -> None:
    text = "One sentence of some words stands here. " * 60
    half = len(text) // 2
    block = Block("paragraph", text, page=1, boxes=(Box(0, 1, 0, 0, 1, 1), Box(half, 2, 0, 0, 1, 0.5)))
    chunks = chunker_for("structure", {})(ParsedDocument((block,), pages=2, unit="page"))
    assert len(chunks) > 2
    assert {box.page for box in chunks[0].place.boxes} == {chunks[0].place.page} == {1}
    assert {box.page for box in chunks[-1].place.boxes} == {chunks[-1].place.page} == {2}
