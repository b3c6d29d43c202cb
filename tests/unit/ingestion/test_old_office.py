import struct
from pathlib import Path

import olefile
import pytest

from functions.ml.ingestion.parsing.files import parse_file
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers import doc, docx, ppt
from functions.ml.ingestion.parsing.readers.doc_file import title_of
from functions.ml.parsed import ParsedDocument
from shared.kernel.errors import Invalid, TooLarge
from tests.unit.ingestion.office_files import (
    compound,
    drawing,
    old_slides,
    old_word,
    placed_text,
    record,
)

LIMITS = ParserLimits()
OFFICE = Path(__file__).parents[2] / "data" / "office"
BODY = struct.pack("<H", 0)
IN_TABLE = BODY + struct.pack("<HB", 0x2416, 1)
ROW_END = IN_TABLE + struct.pack("<HB", 0x2417, 1)


def shape(document: ParsedDocument) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in document.blocks]


def test_cells_and_row_ends_of_a_word_97_file_become_a_table(tmp_path: Path) -> None:
    parts = [("Stock\r", BODY), ("Part\x07", IN_TABLE), ("Pieces\x07", IN_TABLE), ("\x07", ROW_END),
             ("Hinge\r", IN_TABLE), ("brass\x07", IN_TABLE), ("40\x07", IN_TABLE), ("\x07", ROW_END),
             ("after\r", BODY)]  # fmt: skip
    path = old_word(tmp_path / "a.doc", "".join(t for t, _ in parts), [(len(t), settings) for t, settings in parts])
    document = doc.parse(path, LIMITS)
    assert [block.cells or block.text for block in document.blocks] == ["Stock", ("Hinge brass", "40"), "after"]
    assert document.blocks[1].header == ("Part", "Pieces")


def test_levels_and_lists_of_a_word_97_file_are_kept(tmp_path: Path) -> None:
    outline = BODY + struct.pack("<HB", 0x2640, 1)
    listed = BODY + struct.pack("<HH", 0x460B, 3)
    path = old_word(tmp_path / "a.doc", "Top\rItem\rText\r", [(4, outline), (5, listed), (5, BODY)])
    document = doc.parse(path, LIMITS)
    assert shape(document) == [("heading", "Top"), ("list_item", "Item"), ("paragraph", "Text")]
    assert document.blocks[0].level == 2


def test_fields_show_their_result_and_signs_their_meaning(tmp_path: Path) -> None:
    text = 'See \x13 HYPERLINK "x" \x14the \x13 PAGE \x14second\x15 page\x15 a\x1eb\x0bc \ud83d\ude00\x01\r'
    units = "".join(map(chr, struct.unpack(f"<{len(text.encode('utf-16-le', 'surrogatepass')) // 2}H",
                                           text.encode("utf-16-le", "surrogatepass"))))  # fmt: skip
    assert doc._plain(units) == "See the second page a-b\nc 😀"


def test_hidden_text_of_a_word_97_file_is_left_out_and_said(tmp_path: Path) -> None:
    text = "We pay secretly 50\r"
    document = doc.parse(old_word(tmp_path / "a.doc", text, [(len(text), BODY)], hidden=(7, 16)), LIMITS)
    assert shape(document) == [("paragraph", "We pay 50")]
    assert document.warnings == (docx.HIDDEN,)


def test_a_footnote_of_a_word_97_file_follows_its_paragraph(tmp_path: Path) -> None:
    path = old_word(tmp_path / "a.doc", "Claim\x02.\rNext\r", [(8, BODY), (5, BODY)], footnote="\x02 Source\r")
    assert shape(doc.parse(path, LIMITS)) == [("paragraph", "Claim."), ("note", "Source"), ("paragraph", "Next")]


def test_locked_and_older_files_are_refused_as_that(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        doc.parse(old_word(tmp_path / "a.doc", "x\r", [(2, BODY)], encrypted=True), LIMITS)
    assert caught.value.code == "password_protected"
    head = struct.pack("<HH", 0xA5DC, 0x65)
    with pytest.raises(Invalid) as caught:
        parse_file(compound(tmp_path / "b.doc", {"WordDocument": head}), filename="b.doc", limits=LIMITS)
    assert caught.value.code == "unsupported_type"
    with pytest.raises(Invalid) as caught:
        ppt.parse(old_slides(tmp_path / "c.ppt", [(b"", b"")], encrypted=True), LIMITS)
    assert caught.value.code == "password_protected"


def test_the_title_is_read_and_a_count_of_properties_that_lies_costs_nothing(tmp_path: Path) -> None:
    titled = struct.pack("<IIIIII", 48, 2, 1, 24, 2, 32)
    titled += struct.pack("<IHH", 2, 1252, 0) + struct.pack("<II", 30, 5) + b"Caf\xe9\0"
    lying = struct.pack("<II", 48, 0xFFFFFFFF) + bytes(range(1, 201)) * 4
    for properties, title in ((titled, "Café"), (lying, "")):
        content = bytes(44) + struct.pack("<I", 48) + properties
        made = compound(tmp_path / "a.doc", {"\x05SummaryInformation": content})
        with olefile.OleFileIO(str(made)) as container:
            assert title_of(container) == title


def text_of(kind: int, text: str) -> bytes:
    return record(0x0F9F, struct.pack("<I", kind)) + record(0x0FA8, text.encode("latin-1"))


def test_slides_of_powerpoint_97_keep_titles_places_and_order(tmp_path: Path) -> None:
    inside = drawing(
        placed_text(4, "below", 2000, 0), placed_text(4, "right", 1000, 2880), placed_text(4, "left", 1000, 0)
    )
    path = old_slides(tmp_path / "a.ppt", [(text_of(0, "Plan") + text_of(1, "one\rtwo"), inside)])
    document = ppt.parse(path, LIMITS)
    assert shape(document) == [
        ("heading", "Plan"), ("paragraph", "left"), ("paragraph", "right"), ("paragraph", "below"),
        ("list_item", "one"), ("list_item", "two"),
    ]  # fmt: skip
    assert document.blocks[2].boxes[0][1:] == (1, 0.5, round(1000 / 4320, 4), 1.0, round(1432 / 4320, 4))


def test_hidden_slides_of_powerpoint_97_are_left_out_and_said(tmp_path: Path) -> None:
    show = record(0x03F9, bytes(10) + b"\x04" + bytes(5))
    slides = [(b"", drawing(placed_text(4, "shown", 0, 0))), (b"", show + drawing(placed_text(4, "secret", 0, 0)))]
    document = ppt.parse(old_slides(tmp_path / "a.ppt", slides), LIMITS)
    assert shape(document) == [("paragraph", "shown")]
    assert (document.pages, document.warnings) == (2, ("Hidden slides were left out: 2.",))


def test_more_slides_than_pages_allowed_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="3 slides"):
        ppt.parse(old_slides(tmp_path / "a.ppt", [(b"", b"")] * 3), ParserLimits(pages=2))


def test_records_that_hold_each_other_without_end_are_passed_over(tmp_path: Path) -> None:
    deep = placed_text(4, "deep", 0, 0)
    for _ in range(300):
        deep = record(0xF003, deep, container=True)
    path = old_slides(tmp_path / "a.ppt", [(b"", drawing(deep, placed_text(4, "shown", 0, 0)))])
    assert shape(ppt.parse(path, LIMITS)) == [("paragraph", "shown")]


@pytest.mark.parametrize("name", ["greek_heading_styles.doc", "fake-power-point.ppt", "legacy_sample.xls"])
def test_an_old_file_cut_anywhere_is_read_or_refused_as_damaged(tmp_path: Path, name: str) -> None:
    content = (OFFICE / name).read_bytes()
    for share in range(1, 20):
        (tmp_path / name).write_bytes(content[: len(content) * share // 20])
        assert outcome(tmp_path / name) in {"read", "unreadable", "no_text", "unsupported_type"}


def outcome(path: Path) -> str:
    try:
        parse_file(path, filename=path.name, limits=LIMITS)
    except Invalid as error:
        return error.code
    return "read"
