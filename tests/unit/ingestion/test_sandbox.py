import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from functions.ml.ingestion import wire
from functions.ml.ingestion.file_access import landlock_version, library_paths
from functions.ml.ingestion.parsing.limits import MIB, ParserLimits
from functions.ml.ingestion.sandbox import SandboxedParser
from functions.ml.parsed import Block, ParsedDocument
from shared.kernel.errors import Invalid, TooLarge

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


FAR = ParserLimits(memory_bytes=4096 * MIB, cpu_s=100, wall_s=100.0, output_bytes=100 * MIB)


@pytest.mark.parametrize(
    ("name", "limits", "said"),
    [
        ("allocate", replace(FAR, memory_bytes=512 * MIB), "memory"),
        ("spin", replace(FAR, cpu_s=1), "time"),
        ("sleep", replace(FAR, wall_s=1.0), "time"),
        ("stay", replace(FAR, wall_s=1.0), "time"),
        ("flood", replace(FAR, output_bytes=1 * MIB), "memory"),
        ("be_ended", FAR, "memory"),
    ],
)
def test_each_limit_holds_alone_and_is_named(file: Path, name: str, limits: ParserLimits, said: str) -> None:
    started = time.monotonic()
    with pytest.raises(TooLarge) as caught:
        hostile(name, limits)(file, filename="any.txt")
    assert caught.value.code == "parser_limit"
    assert f"took more {said} than" in caught.value.message
    assert time.monotonic() - started < 20  # every other limit is five times as far


@pytest.mark.parametrize("name", ["crash", "die", "recurse", "babble", "open_everything"])
def test_a_parser_that_breaks_down_calls_the_file_damaged(file: Path, name: str) -> None:
    with pytest.raises(Invalid) as caught:
        hostile(name, FAR)(file, filename="any.txt")
    assert caught.value.code == "unreadable"


def test_every_door_is_shut_and_no_environment_is_handed_over(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-for-parsers")
    assert hostile("attempts")(file, filename="any.txt").blocks[0].text == "open: [] environment: []"
    assert os.listdir(file.parent) == ["any.txt"]


landlock = pytest.mark.skipif(landlock_version() == 0, reason="the kernel has no Landlock")
linux = pytest.mark.skipif(sys.platform != "linux", reason="the filter of system calls is the Linux kernel's")


@linux
def test_native_code_finds_every_door_shut(file: Path) -> None:
    assert hostile("call_past_python")(file, filename=str(os.getpid())).blocks[0].text == "open: []"
    assert os.listdir(file.parent) == ["any.txt"]


@linux
def test_nothing_detaches_itself_and_survives(file: Path) -> None:
    assert hostile("detach")(file, filename="strata-left").blocks[0].text == "left"
    names = [path.read_text(encoding="utf-8").strip() for path in Path("/proc").glob("[0-9]*/comm") if path.exists()]
    assert "strata-left" not in names


@linux
def test_the_environment_of_other_processes_cannot_be_read(file: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, env={"SECRET": "not-for-parsers"}
    )
    try:
        assert hostile("peek")(file, filename=str(other.pid)).blocks[0].text == "seen: []"
    finally:
        other.communicate(b"\n")


@landlock
def test_no_file_but_the_document_and_the_libraries_can_be_read(file: Path) -> None:
    (file.parent / "other.txt").write_text("of somebody else", encoding="utf-8")
    said = hostile("read_others")(file, filename=str(file.parent / "other.txt")).blocks[0].text
    assert said == "seen: [] own: b'any text'"


@landlock
@pytest.mark.parametrize("confined", [True, False])
def test_a_confined_process_sees_nothing_of_others_of_the_same_user(confined: bool) -> None:
    code = f"""if True:
        import os
        from functions.ml.ingestion.file_access import confine_reading, library_paths
        assert not {confined} or confine_reading(library_paths())
        for path in (f"/proc/{{os.getppid()}}/environ", "/etc/group"):
            try:
                os.close(os.open(path, os.O_RDONLY))
                print("read", end=" ")
            except PermissionError:
                print("refused", end=" ")
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["refused" if confined else "read"] * 2


def test_hidden_folders_beside_the_code_are_no_libraries() -> None:
    root = Path(__file__).parents[3]
    paths = [Path(path) for path in library_paths()]
    assert root / "functions" in paths
    assert not [path for path in paths if path in (root, *root.parents)]


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
