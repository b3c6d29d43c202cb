"""What reading and cutting a file promises, whether it happens in this process or in the sandbox."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from functions.ml.documents import Chunk
from functions.ml.ingestion.chunking import chunker_for
from functions.ml.ingestion.parsing.files import parse_file
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.reading import Reader, ReadInProcess
from functions.ml.ingestion.sandboxed_reading import SandboxedReader
from functions.ml.recognised import RecognisedLine, RecognisedPage
from shared.kernel.errors import Invalid

DATA = Path(__file__).parents[1] / "data" / "documents"
SMALL: Mapping[str, object] = {"target_tokens": 60, "max_tokens": 80, "min_tokens": 15}
ReaderFor = Callable[[str, Mapping[str, object]], Reader]


def in_process(strategy: str, parameters: Mapping[str, object]) -> Reader:
    return ReadInProcess(partial(parse_file, limits=ParserLimits()), chunker_for(strategy, parameters))


@pytest.fixture(params=[pytest.param(in_process, id="in process"), pytest.param(SandboxedReader, id="sandboxed")])
def reader_for(request: pytest.FixtureRequest) -> ReaderFor:
    chosen: ReaderFor = request.param
    return chosen


def read(reader: Reader, path: Path, recognised: Mapping[int, RecognisedPage] | None = None) -> list[Chunk]:
    with reader(path, filename=path.name) as reading:
        return list(reading.chunks(recognised or {}))


@pytest.mark.parametrize("name", ["multi_page.pdf", "stanley-cups.xlsx", "wiki.md", "simple.zip", "docx_lists.docx"])
@pytest.mark.parametrize(
    ("strategy", "parameters"), [("structure", SMALL), ("fixed", {"size_tokens": 40, "overlap_tokens": 10})]
)
def test_passages_are_those_of_the_strategy(
    reader_for: ReaderFor, name: str, strategy: str, parameters: Mapping[str, object]
) -> None:
    document = parse_file(DATA / name, filename=name, limits=ParserLimits())
    expected = chunker_for(strategy, parameters)(document)
    with reader_for(strategy, parameters)(DATA / name, filename=name) as reading:
        assert (reading.pages, reading.warnings, reading.unread_pages) == (document.pages, document.warnings, ())
        chunks = reading.chunks({})
        assert (len(chunks), list(chunks)) == (len(expected), expected)
        assert list(chunks) == expected  # as often as one likes


def test_recognised_text_is_cut_where_its_page_stands(reader_for: ReaderFor) -> None:
    lines = tuple(RecognisedLine(text, 0.1, top, 0.9, top + 0.02, 0.99) for text, top in (("Ünter", 0.1), ("中", 0.5)))
    pages = {2: RecognisedPage(lines)}
    path = DATA / "scan-two-pages.tiff"
    with reader_for("structure", {})(path, filename=path.name) as reading:
        assert reading.unread_pages == (1, 2)
        assert not len(reading.chunks({}))
        assert [(chunk.text, chunk.place.page) for chunk in reading.chunks(pages)] == [("Ünter\n\n中", 2)]


def test_half_a_character_becomes_a_question_mark(reader_for: ReaderFor, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"a": "before \\ud83d after"}')
    text = read(reader_for("structure", {}), tmp_path / "a.json")[0].text
    assert text.replace("\ud83d", "?") == "a: before ? after"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("a.txt", b"", "empty_file"), ("a.xyz", b"text", "unsupported_type"), ("a.pdf", b"%PDF-1.7 no", "unreadable")],
)
def test_a_refusal_has_its_code(reader_for: ReaderFor, tmp_path: Path, name: str, content: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Invalid) as caught:
        read(reader_for("structure", {}), tmp_path / name)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("strategy", "parameters", "code"),
    [("nobody knows", {}, "unknown_chunker"), ("structure", {"overlap_sentences": 9}, "invalid_chunking")],
)
def test_a_strategy_that_nobody_knows_is_refused(
    reader_for: ReaderFor, strategy: str, parameters: Mapping[str, object], code: str
) -> None:
    with pytest.raises(Invalid) as caught:
        read(reader_for(strategy, parameters), DATA / "duck.md")
    assert caught.value.code == code
