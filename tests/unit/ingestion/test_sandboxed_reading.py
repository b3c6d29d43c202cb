"""What a reading process says is believed only where it has the shape of an answer."""

import os
from pathlib import Path

import pytest

from functions.ml.documents import Chunk
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.sandbox import SandboxedParser
from functions.ml.ingestion.sandboxed_reading import READ_PASSAGES, SandboxedReader
from shared.kernel.errors import Invalid, TooLarge
from tests.unit.ingestion.hostile import LINES, STRETCHES

GOOD = ("whole", "refusal after a passage")


def told(folder: Path, name: str, function: str = "tell") -> list[Chunk]:
    (folder / "any").write_text("any text", encoding="utf-8")
    sandbox = SandboxedParser(ParserLimits(), f"tests.unit.ingestion.hostile:{function}")
    with SandboxedReader("structure", {}, sandbox)(folder / "any", filename=name) as reading:
        return list(reading.chunks({}))


def test_lines_of_the_right_shape_are_passages(tmp_path: Path) -> None:
    assert [(chunk.text, chunk.place.end) for chunk in told(tmp_path, "whole")] == [("some text", 9)]


@pytest.mark.parametrize("name", [name for name in LINES if name not in GOOD])
def test_lines_of_another_shape_are_a_damaged_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid) as caught:
        told(tmp_path, name)
    assert caught.value.code == "unreadable"


def drawn(folder: Path, name: str) -> list[str]:
    (folder / "any").write_text("any text", encoding="utf-8")
    sandbox = SandboxedParser(ParserLimits(), "tests.unit.ingestion.hostile:tell")
    with SandboxedReader("structure", {}, sandbox)(folder / "any", filename=f"drawn: {name}") as reading:
        return [block.text for page in reading.chunks({}).stretches() for block in page.blocks]


def test_stretches_of_the_right_shape_can_be_drawn(tmp_path: Path) -> None:
    assert drawn(tmp_path, "whole") == ["some text"]
    assert drawn(tmp_path, "no stretch") == []


@pytest.mark.parametrize("name", [name for name in STRETCHES if name not in ("whole", "no stretch")])
def test_stretches_of_another_shape_are_a_damaged_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid) as caught:
        drawn(tmp_path, name)
    assert caught.value.code == "unreadable"


def test_a_refusal_counts_after_passages_too(tmp_path: Path) -> None:
    with pytest.raises(TooLarge) as caught:
        told(tmp_path, "refusal after a passage")
    assert caught.value.code == "zip_bomb"
    with pytest.raises(TooLarge) as caught:
        told(tmp_path, "any", "tell_and_fail")
    assert caught.value.code == "parser_limit"


def test_cutting_has_the_limits_of_reading(tmp_path: Path) -> None:
    (tmp_path / "line.txt").write_bytes(b"word " * 5_000_000)
    before = os.times()
    sandbox = SandboxedParser(ParserLimits(cpu_s=1, wall_s=60.0), READ_PASSAGES)
    with (
        pytest.raises(TooLarge) as caught,
        SandboxedReader("structure", {}, sandbox)(tmp_path / "line.txt", filename="line.txt"),
    ):
        pass
    assert caught.value.code == "parser_limit"
    after = os.times()
    assert after.user + after.system - before.user - before.system < 0.5  # seconds of this process
