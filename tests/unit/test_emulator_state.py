"""The emulator's files and their replay, without an emulator."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.emulator.frames import CLEARED, END, MESSAGES, ROWS, SERVICE, Damage, Frame, encode, read_frames
from infra.local.emulator.generations import Generations
from infra.local.emulator.journal import Journal
from infra.local.emulator.objects import mend
from infra.local.emulator.private_names import NAMES, PINNED, missing
from infra.local.emulator.replay import Replayed, release


def generations(folder: Path, *, emulator: str = PINNED, port: int = 4566) -> Generations:
    return Generations(folder / "generations", folder, emulator, port)


def rows(*changes: tuple[str, str, str, dict[str, object] | None]) -> bytes:
    return encode(ROWS, json.dumps(changes).encode())


def write_snapshot(files: Generations, number: int, *frames: bytes) -> None:
    files.snapshot(number).write_bytes(files.head() + b"".join(frames) + encode(END, b""))


@given(st.lists(st.binary(max_size=40), max_size=8), st.integers(min_value=0, max_value=200))
def test_a_file_cut_anywhere_yields_its_whole_records_and_says_that_the_end_is_torn(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes], cut: int
) -> None:
    path = tmp_path_factory.mktemp("frames") / "journal"
    encoded = [encode(ROWS, content) for content in contents]
    path.write_bytes(b"".join(encoded)[:cut])
    found = list(read_frames(path))
    whole = [frame for frame in found if isinstance(frame, Frame)]
    assert [frame.content for frame in whole] == contents[: len(whole)]
    left = min(cut, sum(map(len, encoded))) - sum(map(len, encoded[: len(whole)]))
    assert [part.torn for part in found if isinstance(part, Damage)] == ([True] if left else [])


def test_a_changed_byte_in_the_middle_is_damage_and_not_a_torn_end(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    first, second = encode(ROWS, b"one"), encode(ROWS, b"two")
    path.write_bytes(first[:-1] + b"!" + second)
    assert list(read_frames(path)) == [Damage(0, torn=False)]


def test_replay_puts_changes_and_removes_rows_in_order() -> None:
    state = Replayed()
    for frame in (("t", "a", "", {"n": 1}), ("t", "a", "", {"n": 2}), ("t", "b", "", {"n": 3}), ("t", "b", "", None)):
        state.apply(Frame(ROWS, json.dumps([frame]).encode()))
    assert state.rows == {"t": {"a": {"": {"n": 2}}}}
    state.apply(Frame(CLEARED, b"t"))
    assert state.rows == {}


def test_applying_a_record_twice_changes_nothing() -> None:
    state = Replayed()
    frames = [
        Frame(ROWS, json.dumps([["t", "a", "", {"n": 1}]]).encode()),
        Frame(MESSAGES, json.dumps(["q", [{"id": "1"}, {"id": "2"}], []]).encode()),
        Frame(MESSAGES, json.dumps(["q", [], ["1"]]).encode()),
        Frame(SERVICE, b'ssm\n{"a": 1}'),
    ]
    for frame in frames + frames[2:]:
        state.apply(frame)
    assert list(state.messages["q"]) == ["2"]
    assert state.services == {"ssm": b'{"a": 1}'}


def test_a_message_in_flight_is_released_and_a_delayed_one_keeps_its_delay() -> None:
    held = {"id": "1", "receive_count": 2, "visible_at": 900.0, "receipt_handle": "h"}
    delayed = {"id": "2", "receive_count": 0, "visible_at": 900.0, "receipt_handle": None}
    released = release({"1": held, "2": delayed}, 100.0)
    assert [(message["visible_at"], message["receive_count"]) for message in released] == [(100.0, 2), (900.0, 0)]
    assert released[0]["receipt_handle"] is None


def test_the_newest_complete_snapshot_is_read_with_every_journal_from_its_number_on(tmp_path: Path) -> None:
    files = generations(tmp_path)
    write_snapshot(files, 1, rows(("t", "a", "", {"n": 1})))
    write_snapshot(files, 2, rows(("t", "a", "", {"n": 2})))
    files.journal(1).write_bytes(files.head() + rows(("t", "never", "", {})))
    files.journal(2).write_bytes(files.head() + rows(("t", "b", "", {"n": 3})))
    files.journal(3).write_bytes(files.head() + rows(("t", "c", "", {"n": 4})))
    loaded = files.load(None)
    assert loaded.state is not None
    assert sorted(loaded.state.rows["t"]) == ["a", "b", "c"]
    assert loaded.state.rows["t"]["a"] == {"": {"n": 2}}
    assert loaded.notices == []


def test_a_snapshot_without_its_end_does_not_count(tmp_path: Path) -> None:
    files = generations(tmp_path)
    write_snapshot(files, 1, rows(("t", "a", "", {"n": 1})))
    files.journal(1).write_bytes(files.head() + rows(("t", "b", "", {"n": 2})))
    files.snapshot(2).write_bytes(files.head() + rows(("t", "x", "", {"n": 9})))
    files.journal(2).write_bytes(files.head() + rows(("t", "c", "", {"n": 3})))
    loaded = files.load(None)
    assert loaded.state is not None
    assert sorted(loaded.state.rows["t"]) == ["a", "b", "c"]
    assert loaded.set_aside is not None
    assert [path.name for path in loaded.set_aside.iterdir()] == ["snapshot-00000002"]


def test_a_state_of_a_newer_emulator_is_set_aside_and_of_an_older_one_is_read(tmp_path: Path) -> None:
    write_snapshot(generations(tmp_path, emulator="1.6.0"), 1, rows(("t", "a", "", {})))
    assert generations(tmp_path, emulator="1.10.0").load(None).state is not None
    loaded = generations(tmp_path, emulator="1.5.33").load(None)
    assert loaded.state is None
    assert "newer emulator" in loaded.notices[0]
    assert loaded.set_aside is not None
    assert not list(generations(tmp_path).folder.iterdir())


def test_addresses_in_the_state_follow_the_port(tmp_path: Path) -> None:
    write_snapshot(generations(tmp_path, port=4566), 1, encode(SERVICE, b'sqs\n"http://localhost:4566/q"'))
    loaded = generations(tmp_path, port=4600).load(None)
    assert loaded.state is not None
    assert loaded.state.services["sqs"] == b'"http://localhost:4600/q"'


def test_the_last_good_generation_is_kept_and_older_ones_are_deleted(tmp_path: Path) -> None:
    files = generations(tmp_path)
    for number in (1, 2, 3):
        write_snapshot(files, number)
        files.journal(number).write_bytes(files.head())
    files.forget_before(3)
    assert (files.numbers("snapshot"), files.numbers("journal")) == ([2, 3], [2, 3])


def test_a_journal_that_is_begun_again_never_appends_to_an_old_one(tmp_path: Path) -> None:
    files = generations(tmp_path)
    first = Journal(files)
    first.begin()
    first.append(rows(("t", "a", "", {})))
    second = Journal(files)
    assert second.begin() == 2
    assert files.load(None).state is not None


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """One object with its sidecar, as MiniStack leaves it."""
    data = tmp_path / "s3" / "000000000000" / "bucket" / "a.txt"
    data.parent.mkdir(parents=True)
    data.write_bytes(b"first")
    sidecar = {"size": 5, "etag": '"8b04d5e3775d298e78455efc5ca404d5"', "version_id": "v1", "content_type": "text/x"}
    data.with_name("a.txt.meta.json").write_text(json.dumps(sidecar))
    return data


def make_newer(data: Path, content: bytes) -> None:
    import os

    data.write_bytes(content)
    later = data.with_name("a.txt.meta.json").stat().st_mtime_ns + 10**9
    os.utime(data, ns=(later, later))


def test_whole_objects_are_left_alone(tmp_path: Path, written: Path) -> None:
    make_newer(written, b"first")
    assert mend(tmp_path / "s3", tmp_path / "torn") == 0
    assert written.read_bytes() == b"first"


def test_a_torn_overwrite_of_a_versioned_object_is_taken_back(tmp_path: Path, written: Path) -> None:
    make_newer(written, b"second, never answered")
    former = tmp_path / "s3" / ".versions" / "000000000000" / "bucket" / "v1" / "a.txt"
    former.parent.mkdir(parents=True)
    former.write_bytes(b"first")
    assert mend(tmp_path / "s3", tmp_path / "torn") == 1
    assert written.read_bytes() == b"first"
    assert mend(tmp_path / "s3", tmp_path / "torn") == 0


def test_a_torn_overwrite_without_versions_is_finished(tmp_path: Path, written: Path) -> None:
    make_newer(written, b"second")
    assert mend(tmp_path / "s3", tmp_path / "torn") == 1
    sidecar = json.loads(written.with_name("a.txt.meta.json").read_text())
    assert (sidecar["size"], sidecar["etag"]) == (6, '"a9f0e61a137d86aa9db53465e0801612"')
    assert mend(tmp_path / "s3", tmp_path / "torn") == 0


def test_bytes_without_a_sidecar_are_moved_away(tmp_path: Path, written: Path) -> None:
    written.with_name("a.txt.meta.json").unlink()
    written.with_name("b.tmp").write_bytes(b"unfinished")
    assert mend(tmp_path / "s3", tmp_path / "torn") == 1
    assert not list(written.parent.iterdir())
    assert [path.read_bytes() for path in (tmp_path / "torn").iterdir()] == [b"first"]


def test_the_installed_emulator_has_every_private_name_that_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import version

    assert version("ministack") == PINNED
    assert missing() == []
    monkeypatch.setitem(NAMES, "ministack.app", ("no_such_name",))
    assert missing() == ["ministack.app.no_such_name"]


def test_no_private_name_is_used_that_is_not_listed() -> None:
    import re

    import infra.local.emulator

    folder = Path(str(infra.local.emulator.__file__)).parent
    listed = {part for names in NAMES.values() for name in names for part in name.split(".")}
    own = {"_proc", "_stderr_queue", "_exit", "_asdict"}
    used = set()
    for path in folder.glob("*.py"):
        code = path.read_text()
        used |= {
            name
            for owner, name in re.findall(r"(\b[a-z_0-9]+(?:\"\))?)\.(_[A-Za-z]\w*)", code)
            if owner not in ("self", "cls", "_threading", "_os")
        }
    assert used - own <= listed
