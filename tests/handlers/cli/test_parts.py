"""The pure parts of the command."""

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.cli.files import Found, tell_apart
from infra.cli.ingestion import Item
from infra.cli.names import near_names
from infra.cli.output import printable, size_text, to_json
from infra.cli.progress import reach, summary
from infra.cli.target import plain_url
from infra.cli.transport import MAX_RETRY_AFTER_S, pause_s

part = st.sampled_from(["a", "b", "c", "files"])
paths = st.lists(st.lists(part, min_size=1, max_size=5).map(tuple), unique=True, min_size=1, max_size=12)


@settings(deadline=None)
@given(paths, st.integers(1, 3))
def test_different_files_always_get_different_names_that_end_their_paths(
    files: list[tuple[str, ...]], length: int
) -> None:
    given_paths = [(Path("/", *parts), min(length, len(parts))) for parts in files]

    names = tell_apart(given_paths)

    assert len(set(names)) == len(files)
    assert all(f"/{path.as_posix()}".endswith(f"/{name}") for (path, _), name in zip(given_paths, names, strict=True))


@settings(deadline=None)
@given(st.text(), st.booleans())
def test_json_survives_any_text_and_holds_no_control_character(text: str, unicode: bool) -> None:
    written = to_json({"text": text}, unicode=unicode)

    assert json.loads(written) == {"text": text}
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in written)


@settings(deadline=None)
@given(st.text())
def test_printable_text_holds_no_escape(text: str) -> None:
    assert not {"\x1b", "\x9b", "\r", "\u202e"} & set(printable(text))


@settings(deadline=None)
@given(st.integers(1, 10), st.one_of(st.text(max_size=5), st.floats().map(str)))
def test_a_pause_is_never_negative_nor_endless(attempt: int, retry_after: str) -> None:
    assert 0 <= pause_s(attempt, retry_after) <= max(MAX_RETRY_AFTER_S, 0.2 * 2**10)


def test_pauses_double() -> None:
    assert [pause_s(attempt) for attempt in (1, 2, 3)] == [0.2, 0.4, 0.8]
    assert pause_s(1, "3") == 3


def test_near_names_ignore_letter_case() -> None:
    assert near_names("docs", ["Zebra", "DOCS", "Dogs"]) == ["DOCS", "Dogs"]


def test_sizes_are_decimal() -> None:
    assert [size_text(size) for size in (0, 999, 1_000, 1_400_000, 5_000_000_000_000)] == [
        "0 B", "999 B", "1.0 kB", "1.4 MB", "5000.0 GB",
    ]  # fmt: skip


def test_both_spellings_of_an_address_mean_the_same_platform() -> None:
    assert plain_url("https://a.example/prod/v1/") == plain_url("https://a.example/prod") == "https://a.example/prod"


def test_progress_of_text_recognition_and_warnings_are_told_in_words(tmp_path: Path) -> None:
    item = Item(Found(tmp_path, "scan.pdf", 9), status="RECOGNISING", pages=5, pages_unread=4, pages_recognised=3)
    assert (reach(item), summary(item)) == ((3, 4), "recognised 3 of 4 pages")
    item.status, item.chunks, item.warnings = "READY", 7, ("Page(s) 2 were left out.",)
    assert summary(item) == "7 chunks; Page(s) 2 were left out."
