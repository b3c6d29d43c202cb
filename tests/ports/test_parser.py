"""What the parser promises to whoever calls it."""

from pathlib import Path

import pytest

from functions.ml.ingestion.sandbox import SandboxedParser
from functions.ml.ports import Parser
from shared.kernel.errors import Invalid

DATA = Path(__file__).parents[1] / "data" / "documents"
CODES = {"empty": "empty_file", "unknown": "unsupported_type", "broken": "unreadable", "blank": "no_text"}


@pytest.fixture(params=[pytest.param(SandboxedParser(), id="sandboxed")])
def parser(request: pytest.FixtureRequest) -> Parser:
    chosen: Parser = request.param
    return chosen


def test_a_file_becomes_blocks_in_reading_order(parser: Parser) -> None:
    document = parser(DATA / "example_03.html", filename="example_03.html")
    assert document.blocks[0].kind == "heading"
    assert {"list_item", "table_row", "paragraph"} <= {block.kind for block in document.blocks}


def test_pages_are_counted_from_one_and_within_the_count(parser: Parser) -> None:
    document = parser(DATA / "multi_page.pdf", filename="multi_page.pdf")
    pages = [block.page or 0 for block in document.blocks]
    assert pages == sorted(pages)
    assert (pages[0], pages[-1]) == (1, document.pages)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.txt", b"", CODES["empty"]),
        ("a.xyz", b"text", CODES["unknown"]),
        ("a.pdf", b"%PDF-1.7 and no more", CODES["broken"]),
        ("a.txt", b" \n \n", CODES["blank"]),
    ],
)
def test_a_refusal_has_its_code(parser: Parser, tmp_path: Path, name: str, content: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Invalid) as caught:
        parser(tmp_path / name, filename=name)
    assert caught.value.code == code


def test_the_file_is_left_as_it_was(parser: Parser, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("as it was", encoding="utf-8")
    parser(path, filename="other name.txt")
    assert path.read_text(encoding="utf-8") == "as it was"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]
