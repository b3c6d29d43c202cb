from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers import docx, rtf
from functions.ml.parsed import ParsedDocument
from shared.kernel.errors import Invalid

LIMITS = ParserLimits()


def read(tmp_path: Path, body: str | bytes) -> ParsedDocument:
    path = tmp_path / "a.rtf"
    content = body.encode("latin-1") if isinstance(body, str) else body
    path.write_bytes(b"{\\rtf1\\ansi\\ansicpg1252\\deff0 " + content + b"}")
    return rtf.parse(path, LIMITS)


def shape(document: ParsedDocument) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in document.blocks]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"na\'efve caf\'e9\par", "naïve café"),
        (r"\u8364?\u-10179\'3f\u-8704? done\par", "€😀 done"),
        (r"\uc0\u945\u946 x\par", "αβx"),
        (r"{\uc2\u945 ab}c\par", "αc"),
        (r"{\fonttbl{\f0 Arial;}{\f1\fcharset204 Cyr;}}{\f1 \'cf\'f0\'e8}\f0  \'e9\par", "При é"),
        (r"{\fonttbl{\f2\fcharset128 Gothic;}}{\f2 \'93\'fa\'96\'7b}\par", "日本"),
        (r"a\emdash b\~c\_d \{x\}\par", "a—b c-d {x}"),
        (r"{\field{\*\fldinst HYPERLINK x}{\fldrslt shown}}\par", "shown"),
        (r"one{\pict\wmetafile8 0102ff}two{\*\unknown lost}{\header top}\par", "onetwo"),
        ("one{\\pict\\bin5 }}}}{}two\\par", "onetwo"),
        (r"{\*\shpinst{\sp{\sn x}{\sv 1}}{\shptxt in a box\par}}after\par", "in a box"),
    ],
)
def test_characters_are_read_in_their_code_pages(tmp_path: Path, body: str, text: str) -> None:
    assert read(tmp_path, body).blocks[0].text == text


def test_headings_are_known_by_style_and_by_outline_level(tmp_path: Path) -> None:
    sheet = r"{\stylesheet{\s0 Normal;}{\s1\outlinelevel0 berschrift;}{\s2 heading 2;}{\s9 toc 1;}}"
    body = sheet + r"\pard\s1 One\par\pard\s2 Two\par\pard\s9 One 7\par\pard\outlinelevel2 Three\par\pard text\par"
    assert [(block.kind, block.level, block.text) for block in read(tmp_path, body).blocks] == [
        ("heading", 1, "One"), ("heading", 2, "Two"), ("heading", 3, "Three"), ("paragraph", 0, "text"),
    ]  # fmt: skip


def test_a_table_keeps_its_cells_and_tall_ones_stand_in_each_row(tmp_path: Path) -> None:
    body = (
        r"\trowd\trhdr\cellx1\cellx2\pard\intbl Land\cell City\cell\row"
        r"\trowd\clvmgf\cellx1\cellx2\pard\intbl Peru\cell Lima\par Callao\cell\row"
        r"\trowd\clvmrg\cellx1\cellx2\pard\intbl\cell Cusco\cell\row\pard after\par"
    )
    document = read(tmp_path, body)
    assert [block.cells or block.text for block in document.blocks] == [
        ("Peru", "Lima Callao"),
        ("Peru", "Cusco"),
        "after",
    ]
    assert document.blocks[0].header == ("Land", "City")


def test_list_numbers_are_kept_and_bullets_are_not(tmp_path: Path) -> None:
    body = r"{\listtext 1.2\tab}\ls1 first\par{\listtext\'b7\tab}second\par\pard plain\par"
    assert shape(read(tmp_path, body)) == [("list_item", "1.2 first"), ("list_item", "second"), ("paragraph", "plain")]


def test_notes_follow_their_paragraph_and_name_who_comments(tmp_path: Path) -> None:
    body = r"Claim{\footnote\pard Source}{\*\atnid A}{\*\atnauthor Ada}{\*\annotation\pard Really?}.\par next\par"
    assert shape(read(tmp_path, body)) == [
        ("paragraph", "Claim."), ("note", "Source"), ("note", "Comment by Ada: Really?"), ("paragraph", "next"),
    ]  # fmt: skip


def test_hidden_and_deleted_text_is_left_out_and_said(tmp_path: Path) -> None:
    document = read(tmp_path, r"We pay {\v secretly }{\deleted 40}{\revised 50}\v0  francs\par")
    assert shape(document) == [("paragraph", "We pay 50 francs")]
    assert document.warnings == (docx.HIDDEN, docx.CHANGES)


def test_the_title_is_taken_from_the_properties(tmp_path: Path) -> None:
    assert read(tmp_path, r"{\info{\title Handbook}{\author Ada}}text\par").title == "Handbook"


def test_braces_without_end_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        read(tmp_path, "{" * 5000)
    assert caught.value.code == "unreadable"


@settings(deadline=None)
@given(st.binary(max_size=300), st.text(alphabet="{}\\'abcdu*~par intbl0123456789-", max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, tail: bytes, words: str) -> None:
    path = tmp_path_factory.mktemp("rtf") / "a.rtf"
    path.write_bytes(b"{\\rtf1 " + words.encode() + tail)
    document = rtf.parse(path, LIMITS)
    assert document.pages == 1
