import json
from collections.abc import Callable
from pathlib import Path

import pytest

from functions.ml.ingestion.parsing.files import parse_file
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.text import full_text
from functions.ml.parsed import ParsedDocument
from shared.kernel.errors import Invalid

DOCUMENTS = Path(__file__).parents[2] / "data" / "documents"
LIMITS = ParserLimits()
Read = Callable[[str, str | bytes], ParsedDocument]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def reading(ending: str, content: str | bytes) -> ParsedDocument:
        path = tmp_path / f"a.{ending}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return parse_file(path, filename=path.name, limits=LIMITS)

    return reading


def shape(document: ParsedDocument) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in document.blocks]


def test_flat_objects_make_a_table_of_all_their_keys(read: Read) -> None:
    rows = [{"sku": "A", "price": 12.50, "sold": True}, {"sku": "B", "note": None, "price": 3}]
    document = read("json", json.dumps(rows))
    assert [block.cells for block in document.blocks if block.row] == [("A", "12.5", "true", ""), ("B", "3", "", "")]
    assert full_text(document).text.endswith("sku: A | price: 12.5 | sold: true\nsku: B | price: 3")


def test_numbers_stay_as_they_are_written(read: Read) -> None:
    assert shape(read("json", '{"a": 1.50, "b": 100000000000000000000001, "c": 1e-7}')) == [
        ("paragraph", "a: 1.50\nb: 100000000000000000000001\nc: 1e-7")
    ]


def test_nested_values_become_lines_that_can_be_read_alone(read: Read) -> None:
    value = {"name": "Ada", "home": {"city": "Lima", "tags": ["x", "y"]}, "pets": [{"kind": "cat", "age": 3}] * 2}
    assert shape(read("json", json.dumps(value))) == [
        ("paragraph", "name: Ada\nhome.city: Lima\nhome.tags: x, y"),
        ("caption", "pets"),
        ("table_row", "cat | 3"),
        ("table_row", "cat | 3"),
    ]


def test_each_item_of_a_list_is_a_block_of_its_own(read: Read) -> None:
    items = [{"id": number, "at": {"x": number}} for number in (1, 2)]
    assert [text for _, text in shape(read("json", json.dumps(items)))] == ["id: 1\nat.x: 1", "id: 2\nat.x: 2"]


@pytest.mark.parametrize("text", ['{"a": 1, // why\n "b": 2}', '{"a": [1, 2', "[" * 100_000])
def test_what_is_not_quite_json_is_kept_as_text_with_a_warning(read: Read, text: str) -> None:
    document = read("json", text)
    assert document.blocks[0].text.startswith(text[:4])
    assert "not valid JSON" in document.warnings[0]


def test_json_lines_are_rows_that_know_their_line(read: Read) -> None:
    document = read("jsonl", '{"a": 1, "b": 2}\n\n{"a": 3, "b": 4}\n')
    assert [(block.row, block.cells) for block in document.blocks] == [(1, ("1", "2")), (3, ("3", "4"))]


def test_a_broken_line_of_json_lines_is_kept_and_counted(read: Read) -> None:
    document = read("ndjson", '{"a": {"b": 1}}\n{"a": {"b"\n{"a": {"b": 2}}\n')
    assert shape(document) == [("paragraph", "a.b: 1"), ("paragraph", "a.b: 2"), ("code", '{"a": {"b"')]
    assert document.warnings[0].startswith("1 line")


def test_a_notebook_keeps_text_code_and_what_it_printed() -> None:
    document = parse_file(DOCUMENTS / "pump_trial.ipynb", filename="a.ipynb", limits=LIMITS)
    assert shape(document) == [
        ("heading", "Pump trial"),
        ("paragraph", "The pump ran for two hours."),
        ("table_row", "A | 120"),
        ("code", "total = 120 + 96"),
        ("code", "216"),
        ("table_row", "Monday | 12.5"),
        ("code", "ValueError: the valve is shut"),
        ("code", "A raw remark."),
    ]
    assert [block.table for block in document.blocks if block.cells] == [0, 1]


def test_a_notebook_without_cells_is_refused(read: Read) -> None:
    with pytest.raises(Invalid) as caught:
        read("ipynb", "{}")
    assert caught.value.code == "unreadable"


def test_records_of_xml_make_a_table_with_their_attributes(read: Read) -> None:
    document = read("xml", '<r><c id="7"><n>Ann</n><m unit="kg">3</m></c><c id="8"><n>Bob</n><m unit="g">4</m></c></r>')
    assert document.blocks[0].header == ("id", "n", "m", "m unit")
    assert [block.cells for block in document.blocks] == [("7", "Ann", "3", "kg"), ("8", "Bob", "4", "g")]


def test_other_xml_keeps_values_with_their_names_and_running_text_whole(read: Read) -> None:
    document = read("xml", "<s><host>a</host><port>1</port><note><p>Some <b>bold</b> words.</p></note></s>")
    assert shape(document) == [("paragraph", "host: a\nport: 1"), ("paragraph", "Some bold words.")]


def test_an_article_keeps_sections_captions_formulas_and_references(read: Read) -> None:
    document = read(
        "nxml",
        '<!DOCTYPE article PUBLIC "x" "http://example.com/x.dtd"><article><front><article-meta>'
        "<title-group><article-title>Pumps</article-title></title-group><contrib-group><contrib><name><surname>Lee"
        "</surname><given-names>Ann</given-names></name></contrib></contrib-group><abstract><p>Short.</p></abstract>"
        "</article-meta></front><body><sec><label>1.</label><title>Flow</title><p>Water<sup>2</sup> <italic>runs</italic>."  # noqa: E501 - it is data
        "</p><table-wrap><label>Table 1</label><caption><p>Sizes</p></caption><table><thead><tr><th>A</th><th>B</th></tr>"  # noqa: E501 - it is data
        "</thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table></table-wrap><disp-formula><label>(1)</label>"
        "<alternatives><tex-math>\\begin{document}E=1\\end{document}</tex-math><math><mi>E</mi></math></alternatives>"
        "</disp-formula></sec></body><back><ref-list><title>References</title><ref><mixed-citation>Knuth 1968"
        "</mixed-citation></ref></ref-list></back></article>",
    )
    assert document.title == "Pumps"
    assert [(block.kind, block.level, block.text) for block in document.blocks] == [
        ("heading", 1, "Pumps"),
        ("paragraph", 0, "Ann Lee"),
        ("heading", 2, "Abstract"),
        ("paragraph", 0, "Short."),
        ("heading", 2, "1. Flow"),
        ("paragraph", 0, "Water2 runs."),
        ("caption", 0, "Table 1 Sizes"),
        ("table_row", 0, "1 | 2"),
        ("paragraph", 0, "(1) E=1"),
        ("heading", 2, "References"),
        ("list_item", 0, "Knuth 1968"),
    ]


def test_no_entity_of_xml_is_ever_followed(read: Read, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("Canary-4711")
    secret = (tmp_path / "secret.txt").as_uri()
    text = f'<!DOCTYPE a [<!ENTITY e "haha"><!ENTITY x SYSTEM "{secret}">]><a><p>words</p><p>&x;</p><p>&e;</p></a>'
    said = full_text(read("xml", text)).text
    assert ("words" in said, "Canary-4711" in said, "haha" in said) == (True, False, False)


def test_xml_that_would_explode_is_refused(read: Read) -> None:
    inner = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    with pytest.raises(Invalid) as caught:
        read("xml", f'<!DOCTYPE a [<!ENTITY e0 "haha">{inner}]><a><p>words</p><p>&e11;</p></a>')
    assert caught.value.code == "unreadable"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp1251"])
def test_xml_in_other_encodings_is_read(read: Read, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><a><p>Слова и ещё слова.</p></a>'
    assert shape(read("xml", text.encode(encoding))) == [("paragraph", "Слова и ещё слова.")]


def test_damaged_xml_is_refused(read: Read) -> None:
    with pytest.raises(Invalid) as caught:
        read("xml", "<a><b></a>")
    assert caught.value.code == "unreadable"


def test_source_code_keeps_its_lines_and_parts_at_the_left_edge(read: Read) -> None:
    assert shape(read("py", "import os\n\ndef f():\n    x = 1\n\n    return x\n\ndef g():\n    pass\n")) == [
        ("code", "import os"),
        ("code", "def f():\n    x = 1\n\n    return x"),
        ("code", "def g():\n    pass"),
    ]


def test_subtitles_are_paragraphs_with_their_time_and_speaker(read: Read) -> None:
    document = read(
        "vtt",
        "WEBVTT\n\nNOTE not said\n\nSTYLE\n::cue {}\n\nid-1\n01:00:01.000 --> 01:00:02.000 align:left\n<v.loud Ann>One &amp; <i>two"  # noqa: E501 - it is data
        "</i>\n\n01:00:03.000 --> 01:00:04.000\n<v Ann>three.\n\n01:00:05.000 --> 01:00:06.000\n<v Bob>Four.</v>\n",
    )
    assert shape(document) == [
        ("paragraph", "[01:00:01] Ann: One & two three."),
        ("paragraph", "[01:00:05] Bob: Four."),
    ]


def test_rolling_subtitles_say_each_line_once(read: Read) -> None:
    cues = ["one two", "one two\nthree four", "three four\nfive six"]
    text = "\n\n".join(f"{n + 1}\n00:00:0{n},000 --> 00:00:0{n + 1},000\n{cue}" for n, cue in enumerate(cues))
    assert shape(read("srt", text)) == [("paragraph", "[00:00:00] one two three four five six")]


def test_long_talk_is_parted_where_a_sentence_ends(read: Read) -> None:
    text = "\n\n".join(
        f"{n}\n00:{n // 60:02}:{n % 60:02},000 --> 00:{n // 60:02}:{n % 60:02},900\nWord {n}." for n in range(90)
    )
    assert [text[:10] for _, text in shape(read("srt", text))] == ["[00:00:00]", "[00:00:30]", "[00:01:00]"]


def test_subtitles_without_a_time_are_refused(read: Read) -> None:
    with pytest.raises(Invalid) as caught:
        read("srt", "just words")
    assert caught.value.code == "unreadable"


def test_a_reference_keeps_its_volume_and_pages_and_an_article_not_its_own(read: Read) -> None:
    document = read(
        "nxml",
        "<article><front><article-meta><title-group><article-title>T</article-title></title-group><volume>77</volume>"
        "<fpage>88</fpage></article-meta></front><body><sec><title>S</title><p>Text.</p></sec></body>"
        "<back><ack><p>Thanks.</p></ack><ref-list><ref><mixed-citation>J Dairy Sci. <year>2016</year>;"
        "<volume>99</volume>: <fpage>10</fpage>–<lpage>12</lpage>.</mixed-citation></ref><ref><element-citation>"
        "<source>Book</source><volume>3</volume><elocation-id>e5</elocation-id></element-citation></ref></ref-list>"
        "</back></article>",
    )
    assert [(block.kind, block.text) for block in document.blocks] == [
        ("heading", "T"),
        ("heading", "S"),
        ("paragraph", "Text."),
        ("heading", "Acknowledgments"),
        ("paragraph", "Thanks."),
        ("heading", "References"),
        ("list_item", "J Dairy Sci. 2016;99: 10–12."),
        ("list_item", "Book 3 e5"),
    ]
