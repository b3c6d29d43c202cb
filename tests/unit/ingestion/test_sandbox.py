import os
import time
from pathlib import Path

import pytest

from functions.ml.ingestion import wire
from functions.ml.ingestion.parsing.limits import MIB, ParserLimits
from functions.ml.ingestion.sandbox import SandboxedParser
from functions.ml.parsed import Block, ParsedDocument
from shared.kernel.errors import Invalid, Rejected, TooLarge

SCRIPT = (
    b'{"blocks": [["script", "x", 0, null, -1, 0, [], null, null]], "headers": [[]], "pages": 1, "unit": "page", '
    b'"title": "", "warnings": []}'
)
LIMITS = ParserLimits(memory_bytes=512 * MIB, cpu_s=2, wall_s=8.0, output_bytes=1 * MIB)


def hostile(name: str, limits: ParserLimits = LIMITS) -> SandboxedParser:
    return SandboxedParser(limits, parse=f"tests.unit.ingestion.hostile:{name}")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "any.txt"
    path.write_text("any text", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("allocate", TooLarge, "parser_limit"),
        ("spin", TooLarge, "parser_limit"),
        ("flood", TooLarge, "parser_limit"),
        ("crash", Invalid, "unreadable"),
        ("die", Invalid, "unreadable"),
        ("recurse", Invalid, "unreadable"),
    ],
)
def test_a_parser_that_misbehaves_ends_in_a_typed_refusal(
    file: Path, name: str, kind: type[Rejected], code: str
) -> None:
    with pytest.raises(kind) as caught:
        hostile(name)(file, filename="any.txt")
    assert caught.value.code == code


def test_a_parser_that_waits_is_killed_at_the_wall_clock_limit(file: Path) -> None:
    started = time.monotonic()
    with pytest.raises(TooLarge) as caught:
        hostile("sleep", ParserLimits(wall_s=1.0))(file, filename="any.txt")
    assert caught.value.code == "parser_limit"
    assert time.monotonic() - started < 10


def test_every_door_is_shut_and_no_environment_is_handed_over(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-for-parsers")
    assert hostile("attempts")(file, filename="any.txt").blocks[0].text == "open: [] environment: []"
    assert os.listdir(file.parent) == ["any.txt"]


def test_what_a_library_prints_does_not_reach_the_message(file: Path) -> None:
    assert hostile("chatter")(file, filename="any.txt").blocks[0].text == "clean"


def test_an_ordinary_file_comes_through_whole(file: Path) -> None:
    assert SandboxedParser()(file, filename="any.txt").blocks == (Block("paragraph", "any text"),)


def test_a_document_survives_the_wire() -> None:
    row = Block("table_row", "a | b", page=2, table=0, header=("x", "y"), cells=("a", "b"), row=3, sheet="S")
    document = ParsedDocument((Block("heading", "Ü 中 😀", level=1), row), 2, "sheet", "t", ("w",))
    assert wire.decode(wire.encode_document(document)) == document


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b'{"error": {"code": "os.system", "message": "x"}}',
        SCRIPT,
        b"[" * 100_000,
    ],
)
def test_a_message_of_another_shape_is_no_document(message: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        wire.decode(message)
