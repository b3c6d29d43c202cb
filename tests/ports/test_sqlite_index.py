"""What only the embedded engine must do: several processes on one file, killed writers, damaged files."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.ml.adapters.sqlite_index import SqliteIndex, schema, writing
from functions.ml.adapters.sqlite_index.index import SUFFIX
from functions.ml.ports import Candidates, Scope
from shared.kernel.errors import Invalid, Unavailable
from tests.fakes.chunks import EVERYBODY, TENANT, make_chunk

ROOT = Path(__file__).resolve().parents[2]
SCOPE = Scope(TENANT, ("kb-1",), (EVERYBODY,))
VECTOR = (1.0, 0.0, 0.0)

PRELUDE = """
import os, signal, sys
from pathlib import Path
from functions.ml.adapters.sqlite_index import SqliteIndex, writing
from functions.ml.ports import Scope
from tests.fakes.chunks import EVERYBODY, TENANT, make_chunk
index = SqliteIndex(Path(sys.argv[1]))
def bulk(generation, size=10):
    return [make_chunk(f"line {n}", generation=generation, ordinal=n) for n in range(size)]
"""

KILLED_IN_A_BULK = """
write_row, written = writing.write_row, []
def dying(connection, row):
    written.append(row)
    if len(written) == 300:
        os.kill(os.getpid(), signal.SIGKILL)
    write_row(connection, row)
writing.write_row = dying
index.upsert(bulk(2, size=500))
"""

WRITES_AND_DELETES = """
who = sys.argv[2]
for generation in range(1, 31):
    index.upsert([make_chunk(f"line {n}", document_id=who, generation=generation, ordinal=n) for n in range(10)])
    index.delete(TENANT, who, through_generation=generation - 1)
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def index(directory: Path) -> Iterator[SqliteIndex]:
    engine = SqliteIndex(directory)
    yield engine
    engine.close()


def start(script: str, *arguments: str | Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", PRELUDE + script, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: "subprocess.Popen[str]") -> int:
    _, errors = process.communicate(timeout=120)
    assert process.returncode in (0, -signal.SIGKILL), errors
    return process.returncode


def seen(index: SqliteIndex, *, limit: int = 10_000) -> tuple[int, int]:
    found = index.search(SCOPE, text="line", vector=VECTOR, limit=limit)
    return len(found.lexical), len(found.dense)


def file_of(directory: Path) -> Path:
    return directory / f"{TENANT}{SUFFIX}"


def test_another_process_writes_and_deletes_and_the_next_search_knows(index: SqliteIndex, directory: Path) -> None:
    index.upsert([make_chunk("line of ours")])
    assert seen(index) == (1, 1)
    finish(start("index.upsert(bulk(2))", directory))
    assert seen(index) == (11, 11)
    finish(start("index.delete(TENANT, 'doc-1', through_generation=1)", directory))
    assert seen(index) == (10, 10)
    finish(start("index.delete(TENANT, 'doc-1', through_generation=2)", directory))
    assert seen(index) == (0, 0)


def test_a_writer_killed_in_a_bulk_leaves_nothing_of_it_and_no_lock(index: SqliteIndex, directory: Path) -> None:
    index.upsert([make_chunk("line")])
    assert finish(start(KILLED_IN_A_BULK, directory)) == -signal.SIGKILL
    assert index.count(TENANT, "doc-1", 2) == 0
    assert seen(index) == (1, 1)
    assert index.upsert([make_chunk("line", generation=2, ordinal=n) for n in range(500)]) == []
    assert seen(index) == (501, 501)


def test_a_first_bulk_that_was_killed_leaves_an_index_that_works(index: SqliteIndex, directory: Path) -> None:
    assert finish(start(KILLED_IN_A_BULK, directory)) == -signal.SIGKILL
    assert seen(index) == (0, 0)
    assert index.tenants() == []
    index.upsert([make_chunk("line")])
    assert seen(index) == (1, 1)


def test_several_processes_write_while_this_one_reads_whole_bulks(index: SqliteIndex, directory: Path) -> None:
    writers = [start(WRITES_AND_DELETES, directory, who) for who in ("doc-a", "doc-b", "doc-c")]
    while any(writer.poll() is None for writer in writers):
        lexical, dense = seen(index)
        assert lexical == dense
        assert dense % 10 == 0
    assert [finish(writer) for writer in writers] == [0, 0, 0]
    assert seen(index) == (30, 30)
    assert {(one.generation, one.chunks) for one in index.generations(TENANT)} == {(30, 10)}


@pytest.mark.parametrize("content", [b"", b"this is no database, whatever its name says" * 200])
def test_a_damaged_file_is_told_with_a_remedy(index: SqliteIndex, directory: Path, content: bytes) -> None:
    directory.mkdir()
    file_of(directory).write_bytes(content)
    for use in (lambda: seen(index), lambda: index.upsert([make_chunk()]), index.tenants):
        with pytest.raises(Unavailable) as told:
            use()
        assert told.value.code == "index_unreadable"
        assert "S3" in told.value.message


def test_a_page_torn_in_the_middle_is_told(directory: Path) -> None:
    writer = SqliteIndex(directory)
    writer.upsert([make_chunk(f"line {n}", ordinal=n) for n in range(2000)])
    writer.close()
    path = file_of(directory)
    path.write_bytes(path.read_bytes()[:8192] + os.urandom(path.stat().st_size - 8192))
    reader = SqliteIndex(directory)
    with pytest.raises(Unavailable) as told:
        seen(reader)
    assert told.value.code == "index_unreadable"
    reader.close()


def test_an_index_of_other_rules_is_not_searched(index: SqliteIndex, directory: Path) -> None:
    index.upsert([make_chunk("line")])
    index.close()
    with sqlite3.connect(file_of(directory)) as connection:
        connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    connection.close()
    with pytest.raises(Unavailable) as told:
        seen(index)
    assert told.value.code == "index_outdated"


def test_a_file_that_was_taken_away_answers_nothing_and_is_made_again(index: SqliteIndex, directory: Path) -> None:
    index.upsert([make_chunk("line")])
    assert seen(index) == (1, 1)
    for path in directory.iterdir():
        path.unlink()
    assert index.search(SCOPE, text="line", vector=VECTOR, limit=5) == Candidates((), ())
    index.upsert([make_chunk("line", ordinal=n) for n in range(3)])
    assert seen(index) == (3, 3)


def test_a_write_that_waits_too_long_says_that_the_index_is_busy(
    index: SqliteIndex, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.upsert([make_chunk("line")])
    index.close()
    monkeypatch.setattr(schema, "BUSY_TIMEOUT_S", 0.05)
    other = sqlite3.connect(file_of(directory), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    started = time.monotonic()
    with pytest.raises(Unavailable) as told:
        index.upsert([make_chunk("line")])
    assert told.value.code == "index_busy"
    assert time.monotonic() - started < schema.OPEN_TIMEOUT_S / 2  # it is no opening that waits here
    assert seen(index) == (1, 1)
    other.close()


def test_a_reader_that_missed_more_removals_than_are_kept_loads_again(
    index: SqliteIndex, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "KEPT_REMOVALS", 5)
    index.upsert([make_chunk(f"line {n}", document_id=f"doc-{n}") for n in range(40)])
    assert seen(index) == (40, 40)
    writer = SqliteIndex(directory)
    for n in range(30):
        writer.delete(TENANT, f"doc-{n}", through_generation=1)
    writer.close()
    assert seen(index) == (10, 10)


def test_holes_in_the_matrix_are_closed_without_a_trace(index: SqliteIndex) -> None:
    index.upsert([make_chunk(f"line {n}", document_id=f"doc-{n}", vector=(1.0, n / 100, 0.0)) for n in range(100)])
    assert seen(index) == (100, 100)
    for n in range(0, 100, 4):
        index.delete(TENANT, f"doc-{n}", through_generation=1)
        assert seen(index)[1] == 99 - n // 4
    for n in (1, 2, 5, 6, *range(9, 80, 2)):
        index.delete(TENANT, f"doc-{n}", through_generation=1)
    found = index.search(SCOPE, text="", vector=VECTOR, limit=100).dense
    left = [one.document_id for one in index.generations(TENANT)]
    assert sorted(hit.indexed.document_id for hit in found) == sorted(left)
    assert found[0].indexed.document_id == "doc-3"


def test_a_rare_word_comes_before_one_that_stands_everywhere(index: SqliteIndex) -> None:
    index.upsert([make_chunk(f"policy {n}", ordinal=n) for n in range(2500)])
    index.upsert([make_chunk("policy on zeppelins", kb_id="kb-2", document_id="doc-2")])
    both = Scope(TENANT, ("kb-1", "kb-2"), (EVERYBODY,))
    first = index.search(both, text="zeppelin policy", vector=None, limit=5).lexical
    assert [hit.indexed.document_id for hit in first] == ["doc-2", *["doc-1"] * 4]
    assert len(index.search(SCOPE, text="zeppelin policy", vector=None, limit=5).lexical) == 5


@pytest.mark.parametrize("tenant_id", ["../other", "a/b", "a.b", "", "-a", "ä", "a" * 200, "a b", "a\x00", "a\n"])
def test_a_tenant_id_that_could_leave_the_directory_is_refused(index: SqliteIndex, tenant_id: str) -> None:
    with pytest.raises(Invalid) as refused:
        index.count(tenant_id, "doc-1", 1)
    assert refused.value.code == "tenant_id_malformed"


def test_tenants_that_differ_in_case_have_files_that_differ_without(index: SqliteIndex, directory: Path) -> None:
    index.upsert([make_chunk(tenant_id="Acme")])
    index.upsert([make_chunk(tenant_id="acme")])
    assert index.tenants() == ["Acme", "acme"]
    names = {path.name.lower() for path in directory.glob(f"*{SUFFIX}")}
    assert len(names) == 2
