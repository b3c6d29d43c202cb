import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from functions.ml.ingestion.chunking import chunker_for
from functions.ml.ingestion.parsing.archives import check_archive
from functions.ml.ingestion.parsing.files import parse_file
from functions.ml.ingestion.parsing.format import by_extension, formats
from functions.ml.ingestion.parsing.limits import MIB, ParserLimits
from functions.ml.ingestion.sandbox import SandboxedParser
from functions.ml.ingestion.text import full_text
from shared.kernel.errors import Invalid, Rejected, TooLarge

DATA = Path(__file__).parents[2] / "data"
LIMITS = ParserLimits()
FOLDERS = ("documents", "office")


def manifest(folder: str) -> list[Any]:
    lines = (DATA / folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    return [pytest.param(json.loads(line), id=json.loads(line)["file"]) for line in lines]


def readable() -> list[Any]:
    return [pytest.param(folder, *each.values, id=each.id) for folder in FOLDERS for each in manifest(folder)]


def parsed(folder: str, name: str) -> Any:
    return parse_file(DATA / folder / name, filename=name, limits=LIMITS)


@pytest.mark.parametrize(("folder", "entry"), readable())
def test_a_real_file_keeps_its_texts_with_their_pages(folder: str, entry: dict[str, Any]) -> None:
    document = parsed(folder, entry["file"])
    assert (document.pages, document.unit) == (entry["pages"], entry["unit"])
    full = full_text(document)
    for snippet in entry["snippets"]:
        at = full.text.find(snippet["text"])
        places = set()
        while at >= 0:
            places |= {
                block.page for block, (start, end) in zip(document.blocks, full.spans, strict=True) if start <= at < end
            }
            at = full.text.find(snippet["text"], at + 1)
        assert snippet["page"] in places


@pytest.mark.parametrize(("folder", "entry"), readable())
def test_the_chunks_of_a_real_file_are_its_text(folder: str, entry: dict[str, Any]) -> None:
    document = parsed(folder, entry["file"])
    text = full_text(document).text
    for chunk in chunker_for("structure", {})(document):
        assert chunk.text == text[chunk.place.start : chunk.place.end]


@pytest.mark.parametrize("ending", sorted({Path(entry.values[0]["file"]).suffix for entry in manifest("documents")}))
def test_every_kind_of_file_is_read_the_same_inside_the_sandbox(ending: str) -> None:
    name = next(entry.values[0]["file"] for entry in manifest("documents") if entry.values[0]["file"].endswith(ending))
    assert SandboxedParser()(DATA / "documents" / name, filename=name) == parsed("documents", name)


def test_the_set_holds_every_supported_family() -> None:
    kinds = {by_extension()[Path(each.values[1]["file"]).suffix[1:]].name for each in readable()}
    made = {"fodt", "fods", "fodp"}  # of the archives of the set, by the tests of OpenDocument
    assert kinds == set(formats()) - made


@pytest.mark.parametrize("entry", manifest("malformed"))
def test_a_broken_file_ends_in_text_or_a_typed_refusal(entry: dict[str, str]) -> None:
    said: list[str] = []
    try:
        SandboxedParser()(DATA / "malformed" / entry["file"], filename=entry["file"])
        code = ""
    except Rejected as error:
        code = error.code
        said.append(error.message)
    assert entry["code"] in (code, "?")
    assert all(message.endswith(".") for message in said)


def test_a_file_under_a_wrong_name_is_read_as_what_it_is_and_says_so() -> None:
    document = parsed("malformed", "really_pdf.docx")
    assert document.unit == "page"
    assert "PDF" in document.warnings[0]


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [("a.unheard-of", b"text", ".unheard-of"), ("a.7z", b"7z\xbc\xaf\x27\x1c", "7z")],
)
def test_an_unknown_type_is_named_with_what_is_supported(tmp_path: Path, name: str, content: bytes, named: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Invalid) as caught:
        parse_file(tmp_path / name, filename=name, limits=LIMITS)
    assert caught.value.code == "unsupported_type"
    assert named in caught.value.message
    assert ".md" in caught.value.message


def office_file(path: Path, entries: dict[str, bytes]) -> Path:
    kind = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", kind)
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("entries", "kind", "code"),
    [
        ({"word/document.xml": b"0" * (12 * MIB)}, TooLarge, "zip_bomb"),
        ({f"word/{n}.xml": b"" for n in range(2_001)}, TooLarge, "zip_bomb"),
        ({"../outside.xml": b""}, Invalid, "unreadable"),
        ({"/etc/outside.xml": b""}, Invalid, "unreadable"),
        (
            {"word/document.xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'},
            Invalid,
            "unreadable",
        ),
        ({"word/document.xml": "<!DOCTYPE a><a/>".encode("utf-16-le")}, Invalid, "unreadable"),
    ],
    ids=["ratio", "entries", "up", "absolute", "entity", "wide dtd"],
)
def test_an_archive_that_no_office_program_writes_is_refused(
    tmp_path: Path, entries: dict[str, bytes], kind: type[Rejected], code: str
) -> None:
    path = office_file(tmp_path / "a.docx", entries)
    with pytest.raises(kind) as caught:
        check_archive(path, LIMITS)
    assert caught.value.code == code


def test_an_archive_is_counted_by_what_comes_out_of_it(tmp_path: Path) -> None:
    path = office_file(tmp_path / "a.docx", {"word/document.xml": bytes(range(256)) * 8192})
    with pytest.raises(TooLarge) as caught:
        parse_file(path, filename="a.docx", limits=ParserLimits(unzipped_bytes=MIB))
    assert caught.value.code == "zip_bomb"


def test_a_document_over_the_page_limit_is_refused() -> None:
    with pytest.raises(TooLarge) as caught:
        parse_file(DATA / "documents" / "multi_page.pdf", filename="a.pdf", limits=ParserLimits(pages=4))
    assert caught.value.code == "too_many_pages"
