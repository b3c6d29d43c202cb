import io
import stat
import zipfile
from pathlib import Path

import pytest

from functions.ml.ingestion.chunking import chunker_for
from functions.ml.ingestion.parsing.containers import Members
from functions.ml.ingestion.parsing.files import parse_file
from functions.ml.ingestion.parsing.limits import MIB, ParserLimits
from functions.ml.ingestion.parsing.memory_files import as_file
from functions.ml.ingestion.sandbox import SandboxedParser
from functions.ml.parsed import ParsedDocument
from shared.kernel.errors import Invalid, TooLarge

DOCUMENTS = Path(__file__).parents[2] / "data" / "documents"
LIMITS = ParserLimits()
LONG = "The committee met on Monday and agreed on the budget for the coming year without a vote. " * 12


def packed(entries: dict[str, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def parsed(folder: Path, content: bytes, limits: ParserLimits = LIMITS) -> ParsedDocument:
    path = folder / "a.zip"
    path.write_bytes(content)
    return parse_file(path, filename="a.zip", limits=limits)


def test_office_files_and_pdfs_are_read_from_memory_inside_the_sandbox(tmp_path: Path) -> None:
    names = ["multi_page.pdf", "fake_table.docx", "stanley-cups.xlsx", "powerpoint_bad_text.pptx"]
    path = tmp_path / "a.zip"
    path.write_bytes(packed({f"in/{name}": (DOCUMENTS / name).read_bytes() for name in names}))

    document = SandboxedParser()(path, filename="a.zip")

    assert {block.member for block in document.blocks} == {f"in/{name}" for name in names}
    assert document.warnings == ()
    units = {block.member: block.unit for block in document.blocks}
    assert [units[f"in/{name}"] for name in names] == ["page", "section", "sheet", "slide"]
    assert max(block.page or 0 for block in document.blocks if block.member == "in/multi_page.pdf") == 5


def test_the_sandbox_lets_no_library_write_a_file_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    attempts = SandboxedParser(parse="tests.unit.ingestion.hostile:attempts")
    assert "write" not in attempts(tmp_path / "a", filename="a").blocks[0].text.split()


def test_every_member_stands_under_its_path_with_its_tables_numbered_apart(tmp_path: Path) -> None:
    table = "<h1>Top</h1><table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>"
    document = parsed(tmp_path, packed({"x/one.html": table, "two.html": table}))
    headings = [(block.level, block.text, block.member) for block in document.blocks if block.kind == "heading"]
    assert headings == [
        (1, "x/one.html", "x/one.html"), (2, "Top", "x/one.html"), (1, "two.html", "two.html"), (2, "Top", "two.html"),
    ]  # fmt: skip
    assert [block.table for block in document.blocks if block.cells] == [0, 1]


@pytest.mark.parametrize("strategy", ["structure", "fixed"])
def test_no_chunk_mixes_two_members_and_each_names_its_own(tmp_path: Path, strategy: str) -> None:
    texts = {f"{name}.txt": f"{name} {LONG}" if name == "b" else f"{name} speaks." for name in "abcd"}
    document = parsed(tmp_path, packed(dict(texts)))
    chunks = chunker_for(strategy, {})(document)
    for chunk in chunks:
        inside = [
            name for name in texts if f"{name[0]} speaks." in chunk.text or f"{name[0]} The committee" in chunk.text
        ]
        assert inside in ([], [chunk.place.member])
        assert chunk.place.member in chunk.context
    assert {chunk.place.member for chunk in chunks} == set(texts)


def test_the_place_of_a_member_counts_in_its_own_unit(tmp_path: Path) -> None:
    document = parsed(tmp_path, packed({"deck.pptx": (DOCUMENTS / "powerpoint_bad_text.pptx").read_bytes()}))
    place = chunker_for("structure", {})(document)[0].place
    assert (place.member, place.unit, place.page) == ("deck.pptx", "slide", 1)


def test_archives_inside_are_read_to_a_depth_and_then_named(tmp_path: Path) -> None:
    content = packed({"a.txt": "deepest words"})
    for depth in (2, 3):
        content = packed({f"level{depth}.zip": content, f"{depth}.txt": f"words of {depth}"})
    assert [block.member for block in parsed(tmp_path, content).blocks if block.kind != "heading"] == [
        "level3.zip > level2.zip > a.txt", "level3.zip > 2.txt", "3.txt",
    ]  # fmt: skip
    document = parsed(tmp_path, packed({"level4.zip": content}))
    assert "too deep" in " ".join(document.warnings)
    assert "deepest words" not in " ".join(block.text for block in document.blocks)


@pytest.mark.parametrize(
    "entries",
    [
        {"a.txt": b"0" * (12 * MIB)},
        {f"{n}.txt": b"x" for n in range(2_001)},
        {f"{n}.zip": packed({"a.txt": b"%d " % n * 100_000}) for n in range(40)},
        {f"{n}.zip": packed({f"{m}.txt": b"x" for m in range(60)}) for n in range(40)},
    ],
    ids=["ratio", "entries", "nested bytes", "nested entries"],
)
def test_a_bomb_is_refused_whole_however_it_is_nested(tmp_path: Path, entries: dict[str, bytes | str]) -> None:
    with pytest.raises(TooLarge) as caught:
        parsed(tmp_path, packed(entries), ParserLimits(unzipped_bytes=4 * MIB, zip_ratio_floor_bytes=3 * MIB))
    assert caught.value.code == "zip_bomb"


def test_members_of_all_archives_together_have_no_more_pages_than_one_document(tmp_path: Path) -> None:
    pdf = (DOCUMENTS / "multi_page.pdf").read_bytes()
    document = parsed(tmp_path, packed({"a.pdf": pdf, "b.pdf": pdf}), ParserLimits(pages=7))
    assert {block.member for block in document.blocks} == {"a.pdf"}
    assert "b.pdf was left out" in document.warnings[0]


def test_what_cannot_be_read_is_named_and_the_rest_is_kept(tmp_path: Path) -> None:
    document = parsed(
        tmp_path,
        packed(
            {
                "good.txt": "good words", "bad.docx": b"PK\x03\x04 broken", "song.mp3": b"ID3\x03\x00\x00\x00\x00",
                "empty.txt": b"", "locked.xlsx": (DOCUMENTS.parent / "malformed/password_protected.xlsx").read_bytes(),
            }
        ),
    )  # fmt: skip
    assert [warning.split(" was ")[0] for warning in document.warnings] == [
        "bad.docx",
        "song.mp3",
        "empty.txt",
        "locked.xlsx",
    ]
    assert [block.text for block in document.blocks] == ["good.txt", "good words"]


def test_a_scan_inside_is_told_to_be_unread() -> None:
    members = Members(LIMITS)
    members.add_read("scan.pdf", lambda: ParsedDocument((), pages=3, unit="page", unread_pages=(1, 3)))
    assert members.blocks == []
    assert "scan.pdf: 2 page(s) are pictures of text" in members.warnings[0]


def test_links_and_paths_that_lead_out_are_passed_over_with_a_warning(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        for name in ("../up.txt", "/root.txt", "C:\\a.txt", "in.txt"):
            archive.writestr(name, "words")
    document = parsed(tmp_path, buffer.getvalue())
    assert {block.member for block in document.blocks} == {"in.txt"}
    assert len(document.warnings) == 4


def test_system_files_are_passed_over_in_silence(tmp_path: Path) -> None:
    junk = {"__MACOSX/._a.txt": "x", ".DS_Store": "x", "in/Thumbs.db": "x", "a.txt": "words"}
    document = parsed(tmp_path, packed(dict(junk)))
    assert ({block.member for block in document.blocks}, document.warnings) == ({"a.txt"}, ())


def test_an_archive_without_a_readable_file_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        parsed(tmp_path, packed({"a.bin": b"\x00\x01\x02" * 99}))
    assert caught.value.code == "no_text"
    assert "a.bin" in caught.value.message


def test_an_archive_of_locked_members_is_locked(tmp_path: Path) -> None:
    content = bytearray(packed({"a.txt": "words"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    with pytest.raises(Invalid) as caught:
        parsed(tmp_path, bytes(content))
    assert caught.value.code == "password_protected"


def test_names_in_other_alphabets_are_read_without_the_flag_that_tells_so(tmp_path: Path) -> None:
    content = packed({"übung.txt": "words"}).replace("übung.txt".encode(), "übung.txt".encode())
    raw = bytearray(content)
    for signature, offset in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        raw[raw.index(signature) + offset] &= ~0x08
    assert parsed(tmp_path, bytes(raw)).blocks[0].member == "übung.txt"


def test_many_remarks_are_cut_short_and_counted() -> None:
    members = Members(LIMITS)
    for number in range(30):
        members.leave_out(f"{number}.bin", "unsupported_type")
    assert len(members.warnings) == 21
    assert "10 more" in members.warnings[-1]


def test_a_file_in_memory_can_be_opened_by_its_path_as_often_as_needed() -> None:
    with as_file(b"content") as path:
        assert [path.read_bytes(), path.resolve().read_bytes()] == [b"content", b"content"]
        assert path.stat().st_size == 7
    with pytest.raises(FileNotFoundError):
        path.read_bytes()
