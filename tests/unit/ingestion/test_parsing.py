from pathlib import Path

import pytest

from functions.ml.ingestion.parsing.formats import delimited, plain
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers import html, markdown
from functions.ml.ingestion.text import full_text
from functions.ml.parsed import ParsedDocument

LIMITS = ParserLimits()


def shape(document: ParsedDocument) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in document.blocks]


def test_html_keeps_structure_and_drops_what_is_not_content() -> None:
    document = html.parse_html(
        "<html><head><title> T </title><style>s</style></head><body><nav>menu</nav><h2>Head</h2><p>One<br>"
        "two <b>bold</b><script>x()</script></p><ul><li>a<ul><li>b</li></ul></li></ul><pre>x = 1\n  y</pre>"
        "<table><tr><th>Name</th><th>Size</th></tr><tr><td>Ada</td><td>3</td></tr></table>tail</body></html>"
    )
    assert document.title == "T"
    assert shape(document) == [
        ("heading", "Head"),
        ("paragraph", "One two bold"),
        ("list_item", "a"),
        ("list_item", "b"),
        ("code", "x = 1\n  y"),
        ("table_row", "Ada | 3"),
        ("paragraph", "tail"),
    ]
    assert "Name: Ada | Size: 3" in full_text(document).text


def test_a_cell_over_several_rows_stands_in_each_and_a_wide_one_once() -> None:
    document = html.parse_html(
        "<table><tr><th>Land</th><th>City</th><th>Size</th></tr><tr><td rowspan=2>Peru</td><td>Lima</td><td>9</td></tr>"
        "<tr><td colspan=2>Cusco</td></tr></table>"
    )
    assert [block.cells for block in document.blocks] == [("Peru", "Lima", "9"), ("Peru", "Cusco", "")]


def test_html_nested_ten_thousand_deep_is_read() -> None:
    assert shape(html.parse_html("<div>" * 10_000 + "deep")) == [("paragraph", "deep")]


def test_markdown_keeps_structure(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(
        "---\ntitle: Handbook\n---\n# Top\n\nText with [link](http://x) and `code`\n\n1. one\n2. two\n\n```py\nx = 1\n"
        "```\n\n| A | B |\n|---|---|\n| 1 | 2 |\n",
        encoding="utf-8",
    )
    document = markdown.parse(path, LIMITS)
    assert document.title == "Handbook"
    assert shape(document)[1:] == [
        ("heading", "Top"),
        ("paragraph", "Text with link and code"),
        ("list_item", "one"),
        ("list_item", "two"),
        ("code", "x = 1"),
        ("table_row", "1 | 2"),
    ]
    assert document.blocks[-1].header == ("A", "B")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_text_in_unicode_encodings_is_the_same_text(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Plain words, Grüße.\n\nSecond paragraph.".encode(encoding))
    assert shape(plain.parse(path, LIMITS)) == [
        ("paragraph", "Plain words, Grüße."),
        ("paragraph", "Second paragraph."),
    ]


def test_text_of_an_older_encoding_is_guessed(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    text = "Der Vorstand dankt für die Prüfung der Bücher und wünscht schöne Grüße. " * 20
    path.write_bytes(text.encode("cp1252"))
    assert shape(plain.parse(path, LIMITS)) == [("paragraph", text.strip())]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_delimited_file_names_its_columns_in_every_row(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    rows = [["City", "People"], ["Lima", '"10, or; so | more"'], ["Rome", "3"]]
    path.write_text("\n".join(delimiter.join(row) for row in rows), encoding="utf-8")
    document = delimited.parse(path, LIMITS)
    assert [block.cells for block in document.blocks] == [("Lima", "10, or; so | more"), ("Rome", "3")]
    assert full_text(document).text.endswith("City: Rome | People: 3")
    assert document.blocks[-1].row == 3


def test_a_name_over_an_empty_column_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Name,Signature\nAda,\nBob,\n", encoding="utf-8")
    assert "Signature" in full_text(delimited.parse(path, LIMITS)).text
