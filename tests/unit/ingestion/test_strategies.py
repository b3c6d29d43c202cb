"""What each way to cut does that the others do not."""

import json
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import pytest

from functions.ml.ingestion.chunking import STRATEGIES, chunker_for, parameter_names
from functions.ml.ingestion.parsing.files import parse_file
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.parsed import Block, ParsedDocument
from functions.ml.releases.catalogue import load_chunkings
from functions.ml.token_estimates import estimate_tokens
from shared.kernel.errors import Invalid

SENTENCE = "The committee met in the autumn and agreed on the plan for next year. "


def document(*blocks: Block) -> ParsedDocument:
    return ParsedDocument(blocks, pages=1, unit="section", title="Report")


def parsed(tmp_path: Path, name: str, text: str) -> ParsedDocument:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return parse_file(path, filename=name, limits=ParserLimits())


def table(rows: int, columns: tuple[str, ...] = ("City", "People")) -> list[Block]:
    return [
        Block("table_row", f"Place {n} | {n}", table=0, header=columns, cells=(f"Place {n}", str(n)), row=n + 1)
        for n in range(1, rows + 1)
    ]


@pytest.mark.parametrize("chunking", load_chunkings(), ids=lambda chunking: chunking.name)
def test_every_way_of_the_catalogue_says_all_its_parameters_and_they_are_the_strategys_own(chunking: object) -> None:
    """The id of a release is made of them: a default that changed in the code would change chunks under an old id."""
    name, chunker = chunking.name, chunking.chunker  # type: ignore[attr-defined]
    built = chunker_for(chunker.strategy, chunker.parameters)
    assert name in STRATEGIES
    assert asdict(built) == chunker.parameters  # type: ignore[call-overload]
    assert json.loads(json.dumps(chunker.parameters)) == asdict(chunker_for(name, {}))  # type: ignore[call-overload]


def test_every_strategy_is_in_the_catalogue() -> None:
    assert [chunking.name for chunking in load_chunkings()] == list(STRATEGIES)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_parameter_is_a_whole_number_that_is_checked(strategy: str) -> None:
    for name in parameter_names(strategy):
        for wrong in ("280", 1.5, True, None):
            with pytest.raises(Invalid) as caught:
                chunker_for(strategy, {name: wrong})
            assert caught.value.code == "invalid_chunking"
            assert name in caught.value.message
    with pytest.raises(Invalid, match="It takes: "):
        chunker_for(strategy, {"colour": 1})


@pytest.mark.parametrize(
    ("strategy", "parameters"),
    [
        ("structure", {"whole_tokens": 100}),
        ("sentence-window", {"window": -1}),
        ("sentence-window", {"least_tokens": 200}),
        ("parent-child", {"child_tokens": 700}),
        ("parent-child", {"min_parent_tokens": 0}),
        ("table-rows", {"rows": 0}),
        ("table-rows", {"max_tokens": 3000}),
        ("page", {"target_tokens": 10}),
        ("question-answer", {"max_pair_tokens": 10}),
    ],
)
def test_parameters_that_contradict_each_other_are_refused(strategy: str, parameters: dict[str, object]) -> None:
    with pytest.raises(Invalid) as caught:
        chunker_for(strategy, parameters)
    assert caught.value.code == "invalid_chunking"


def test_a_long_section_is_divided_evenly() -> None:
    chunks = chunker_for("structure", {})(document(Block("paragraph", SENTENCE * 40)))
    sizes = [estimate_tokens(chunk.text) for chunk in chunks]
    assert len(sizes) > 2
    assert max(sizes) < 1.3 * min(sizes)


def test_a_section_that_fits_stays_whole_and_a_longer_one_is_cut_small() -> None:
    cut = chunker_for("structure", {})
    assert len(cut(document(Block("paragraph", SENTENCE * 20)))) == 1
    assert max(estimate_tokens(chunk.text) for chunk in cut(document(Block("paragraph", SENTENCE * 23)))) <= 250


def test_a_cut_falls_where_the_topic_changes() -> None:
    birds = "The heron hunts fishes where shallow water lets it stand. Its feathers shed rain and its plumage is grey. "
    taxes = "The ministry collects duties on imported machinery each quarter. Revenue depends upon tariffs and excise. "
    text = birds * 7 + taxes * 4  # the middle is among the birds
    above, below = chunker_for("structure", {"whole_tokens": 250})(document(Block("paragraph", text)))
    assert "ministry" not in above.text
    assert "heron" not in below.text


def test_a_sentence_is_read_with_those_around_it() -> None:
    text = " ".join(f"Sentence {n} says in so many words that {n} is what it is about." for n in range(30))
    chunks = chunker_for("sentence-window", {"window": 2})(document(Block("paragraph", text)))
    assert len(chunks) == 30
    assert chunks[0].place.read_with == (0, 2)
    assert chunks[10].place.read_with == (8, 12)
    assert chunks[29].place.read_with == (27, 29)


def test_a_heading_is_searched_with_the_sentence_under_it() -> None:
    chunks = chunker_for("sentence-window", {})(
        document(
            Block("paragraph", SENTENCE),
            Block("heading", "Decisions of the year", level=1),
            Block("paragraph", SENTENCE),
        )
    )
    assert [chunk.text.split()[0] for chunk in chunks] == ["The", "Decisions"]


def test_children_are_small_and_share_their_parent() -> None:
    blocks = [
        block for n in range(3) for block in (Block("heading", f"Part {n}", level=1), Block("paragraph", SENTENCE * 20))
    ]
    chunks = chunker_for("parent-child", {})(document(*blocks))
    parents = {chunk.place.read_with for chunk in chunks}
    assert len(parents) == 3
    assert all(estimate_tokens(chunk.text.strip()) <= 120 for chunk in chunks)
    for parent in parents:
        assert parent is not None
        assert {chunk.place.heading_path for chunk in chunks[parent[0] : parent[1] + 1]} == {
            chunks[parent[0]].place.heading_path
        }


def test_rows_come_a_few_at_a_time_and_prose_apart_from_them() -> None:
    chunks = chunker_for("table-rows", {"rows": 3})(
        document(Block("paragraph", SENTENCE), *table(8), Block("note", "End."))
    )
    assert [(chunk.kind, chunk.place.row_start, chunk.place.row_end) for chunk in chunks] == [
        ("text", None, None), ("table", 2, 4), ("table", 5, 7), ("table", 8, 9), ("text", None, None),
    ]  # fmt: skip
    assert chunks[1].text.splitlines()[0] == "City: Place 1 | People: 1"


def test_a_row_is_never_cut_in_two() -> None:
    long = Block("table_row", "", table=0, header=("Name", "Story"), cells=("x", SENTENCE * 60), row=2)
    chunks = chunker_for("table-rows", {})(document(long, *table(3)))
    assert [(chunk.place.row_start, chunk.place.row_end) for chunk in chunks] == [(2, 2), (2, 4)]


def test_a_page_is_a_chunk_and_one_that_is_too_long_is_divided() -> None:
    pages = {1: SENTENCE * 30, 2: "Short.", 4: SENTENCE * 200}
    blocks = tuple(Block("paragraph", text, page=page) for page, text in pages.items())
    chunks = chunker_for("page", {})(ParsedDocument(blocks, 4, "page"))
    assert [(chunk.place.page, chunk.place.page_end) for chunk in chunks] == [(1, 1), (2, 2), (4, 4), (4, 4)]


def test_a_file_without_pages_is_cut_by_its_structure() -> None:
    one = document(Block("heading", "A", level=1), Block("paragraph", SENTENCE * 40))
    assert [chunk.text for chunk in chunker_for("page", {})(one)] == [
        chunk.text for chunk in chunker_for("structure", {"min_tokens": 45, "whole_tokens": 250})(one)
    ]


def test_questions_keep_their_answers_however_they_are_marked() -> None:
    chunks = chunker_for("question-answer", {})(
        document(
            Block("heading", "Frequent questions", level=1),
            Block("paragraph", SENTENCE),
            Block("heading", "When does the office open?", level=2),
            Block("paragraph", "At nine."),
            Block("paragraph", "On Fridays at ten."),
            Block("heading", "Who has a key?", level=2),
            Block("list_item", "The porter."),
            Block("heading", "Contact", level=1),
            Block("paragraph", "Q: May I bring a dog?"),
            Block("paragraph", "A: Yes."),
            Block("paragraph", "Q: And a cat? A: No."),
        )
    )
    assert [chunk.text.split("\n\n") for chunk in chunks] == [
        ["Frequent questions", SENTENCE.strip()],
        ["When does the office open?", "At nine.", "On Fridays at ten."],
        ["Who has a key?", "The porter."],
        ["Contact"],
        ["Q: May I bring a dog?", "A: Yes."],
        ["Q: And a cat? A: No."],
    ]


def test_questions_are_found_in_pages_and_tables_as_they_are_parsed(tmp_path: Path) -> None:
    cut = chunker_for("question-answer", {})
    page = (
        "<html><body><dl><dt>How long is the warranty?</dt><dd>Two years.</dd>"
        "<dt>Is it waterproof?</dt><dd>No.</dd></dl>"
        "<details><summary>Can I return it?</summary><p>Within a month.</p></details></body></html>"
    )
    chunks = cut(parsed(tmp_path, "faq.html", page))
    assert [" ".join(chunk.text.split()) for chunk in chunks] == [
        "How long is the warranty? Two years.", "Is it waterproof? No.", "Can I return it? Within a month.",
    ]  # fmt: skip
    rows = "Question,Answer,Topic\nHow long?,Two years.,Law\nHow much?,Ten francs.,Money\n"
    chunks = cut(parsed(tmp_path, "faq.csv", rows))
    assert [(chunk.place.row_start, chunk.kind) for chunk in chunks] == [(2, "table"), (3, "table")]


def test_a_pair_that_is_too_long_is_divided_and_read_together() -> None:
    chunks = chunker_for("question-answer", {})(
        document(
            Block("heading", "Why?", level=1), Block("paragraph", SENTENCE * 60), Block("heading", "How?", level=1)
        )
    )
    assert len(chunks) > 2
    assert {chunk.place.read_with for chunk in chunks[:-1]} == {(0, len(chunks) - 2)}
    assert chunks[-1].place.read_with is None


def test_prose_that_asks_nothing_is_cut_by_its_structure() -> None:
    one = document(Block("heading", "A", level=1), Block("paragraph", SENTENCE * 40))
    assert chunker_for("question-answer", {})(one) == chunker_for("structure", {})(one)


def test_windows_of_one_size_overlap() -> None:
    chunks = chunker_for("fixed", {})(document(Block("paragraph", SENTENCE * 40)))
    assert all(below.place.start < above.place.end for above, below in pairwise(chunks))
