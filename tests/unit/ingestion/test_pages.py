import io
import zipfile
from pathlib import Path

import pytest

from functions.ml.ingestion.parsing.archives import check_archive
from functions.ml.ingestion.parsing.files import parse_file
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers.html import parse_html
from functions.ml.ingestion.sandbox import SandboxedParser
from functions.ml.parsed import ParsedDocument
from shared.kernel.errors import Invalid

LIMITS = ParserLimits()


def shape(document: ParsedDocument) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in document.blocks]


@pytest.mark.parametrize(
    "left_out",
    [
        "<nav>x</nav>",
        '<div role="navigation">x</div>',
        "<p hidden>x</p>",
        '<p style="color:red; display: none">x</p>',
        '<p style="visibility:hidden">x</p>',
        '<p style="font-size:0">x</p>',
        '<div id="cookie-banner">We use x</div>',
        '<section class="gdpr-popup">x</section>',
        "<noscript>x</noscript><template>x</template><iframe>x</iframe><select><option>x</option></select>",
    ],
)
def test_what_a_reader_of_a_page_does_not_see_is_left_out(left_out: str) -> None:
    assert shape(parse_html(f"<p>one</p>{left_out}<p>two</p>")) == [("paragraph", "one"), ("paragraph", "two")]


@pytest.mark.parametrize(
    "kept",
    [
        "<footer>x</footer>",
        "<header>x</header>",
        "<aside>x</aside>",
        '<p hidden="until-found">x</p>',
        "<details><summary>x</summary></details>",
        '<article class="cookie-bar">x</article>',
        '<p style="font-size:0.9em">x</p>',
        "<form><label>x</label></form>",
    ],
)
def test_what_may_be_content_is_kept(kept: str) -> None:
    assert shape(parse_html(f"<p>one</p>{kept}")) == [("paragraph", "one"), ("paragraph", "x")]


def test_a_long_text_in_a_box_that_sounds_like_cookies_is_content() -> None:
    text = "What this law says about cookies. " * 200
    assert shape(parse_html(f'<div class="cookie-law">{text}</div>')) == [("paragraph", text.strip())]


def test_definitions_captions_and_pictures_are_read() -> None:
    document = parse_html(
        "<dl><dt>Pump</dt><dd>Moves water</dd></dl><figure><img alt='A pump' src=x><figcaption>Fig 1</figcaption></figure>"  # noqa: E501 - it is data
    )
    assert shape(document) == [
        ("list_item", "Pump"), ("list_item", "Moves water"), ("paragraph", "A pump"), ("caption", "Fig 1"),
    ]  # fmt: skip


def test_a_table_inside_a_cell_of_data_is_text_of_that_cell() -> None:
    inner = "<table><tr><td>a</td><td>b</td></tr></table>"
    document = parse_html(f"<table><tr><td>1</td><td>2</td></tr><tr><td>{inner}</td><td>3</td></tr></table>")
    assert [block.cells for block in document.blocks] == [("1", "2"), ("a b", "3")]


def test_the_tables_inside_a_layout_are_tables_of_their_own() -> None:
    inner = "<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>"
    page = f"<table><tr><td><p>{'Menu and words. ' * 30}</p></td><td>{inner}</td></tr><tr><td>x</td><td>y</td></tr></table>"  # noqa: E501 - it is data
    assert [block.cells for block in parse_html(page).blocks if block.cells] == [("1", "2")]


def test_a_table_that_says_it_is_layout_is_no_table() -> None:
    page = "<table role=presentation><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>"
    assert [kind for kind, _ in shape(parse_html(page))] == ["paragraph"] * 4


def test_a_head_of_plain_cells_is_the_header() -> None:
    page = (
        "<table><thead><tr><td>2019</td><td>Lima</td></tr></thead><tbody><tr><td>1</td><td>x</td></tr></tbody></table>"
    )
    assert parse_html(page).blocks[0].header == ("2019", "Lima")


def test_a_document_wrapped_in_one_preformatted_element_has_paragraphs() -> None:
    page = (
        "<pre>"
        + "\n\n".join(f"Section {n} of the act says a great many things at length." for n in range(200))
        + "</pre>"
    )
    assert [kind for kind, _ in shape(parse_html(page))] == ["paragraph"] * 200


def book(folder: Path, chapters: dict[str, str], *, spine: str = "", extra: dict[str, str] | None = None) -> Path:
    items = "".join(f'<item id="{n}" href="{n}.xhtml" media-type="application/xhtml+xml"/>' for n in chapters)
    order = spine or "".join(f'<itemref idref="{n}"/>' for n in chapters)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", '<container><rootfile full-path="in/book.opf"/></container>')
        archive.writestr(
            "in/book.opf",
            f'<package xmlns:dc="d"><metadata><dc:title>The Pump</dc:title><dc:creator>Ann Lee</dc:creator></metadata>'
            f'<manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>{items}'
            f'</manifest><spine><itemref idref="nav"/>{order}</spine></package>',
        )
        archive.writestr("in/nav.xhtml", "<html><body><p>contents</p></body></html>")
        for name, content in chapters.items():
            archive.writestr(f"in/{name}.xhtml", content)
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
    path = folder / "a.epub"
    path.write_bytes(buffer.getvalue())
    return path


def test_a_book_is_read_in_the_order_of_its_spine_inside_the_sandbox(tmp_path: Path) -> None:
    doctype = '<?xml version="1.0"?><!DOCTYPE html PUBLIC "x" "http://example.com/x.dtd">'
    chapters = {
        "b": f"{doctype}<html><body><h1>Second</h1><table><tr><td>a</td><td>1</td></tr></table></body></html>",
        "a": f"{doctype}<html><body><h1>First</h1><table><tr><td>b</td><td>2</td></tr></table></body></html>",
    }
    path = book(tmp_path, chapters, spine='<itemref idref="a"/><itemref idref="b"/>')
    document = SandboxedParser()(path, filename="a.epub")
    assert (document.title, document.unit) == ("The Pump", "section")
    assert [text for _, text in shape(document)] == ["The Pump", "Author: Ann Lee", "First", "b | 2", "Second", "a | 1"]
    assert [block.table for block in document.blocks if block.cells] == [0, 1]


def test_entities_of_a_document_type_are_not_followed_in_a_book(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("Canary-4711")
    entity = f'<!DOCTYPE html [<!ENTITY x SYSTEM "{(tmp_path / "secret.txt").as_uri()}"><!ENTITY y "haha">]>'
    path = book(tmp_path, {"a": f"{entity}<html><body><p>words &x; &y;</p></body></html>"})
    said = " ".join(text for _, text in shape(parse_file(path, filename="a.epub", limits=LIMITS)))
    assert ("words" in said, "Canary" in said) == (True, False)


def test_only_formats_that_may_name_a_document_type_pass_the_guard_with_one(tmp_path: Path) -> None:
    path = book(tmp_path, {"a": "<p>x</p>"}, extra={"in/toc.xml": '<!DOCTYPE ncx PUBLIC "x" "y"><ncx/>'})
    check_archive(path, LIMITS, allows_dtd=True)
    with pytest.raises(Invalid) as caught:
        check_archive(path, LIMITS)
    assert caught.value.code == "unreadable"


@pytest.mark.parametrize(
    ("algorithm", "code"),
    [("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "password_protected"), ("http://www.idpf.org/2008/embedding", "")],
)
def test_a_protected_book_is_refused_and_one_with_protected_fonts_read(
    tmp_path: Path, algorithm: str, code: str
) -> None:
    extra = {"META-INF/encryption.xml": f'<e><EncryptionMethod Algorithm="{algorithm}"/></e>'}
    path = book(tmp_path, {"a": "<html><body><p>words</p></body></html>"}, extra=extra)
    found = ""
    try:
        parse_file(path, filename="a.epub", limits=LIMITS)
    except Invalid as error:
        found = error.code
    assert found == code


def test_a_missing_chapter_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    path = book(tmp_path, {"a": "<p>words</p>"})
    with zipfile.ZipFile(path) as archive:
        package = archive.read("in/book.opf").decode()
    broken = package.replace("</manifest>", '<item id="z" href="z.xhtml" media-type="text/html"/></manifest>')
    broken = broken.replace("</spine>", '<itemref idref="z"/></spine>')
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()} | {"in/book.opf": broken.encode()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    document = parse_file(path, filename="a.epub", limits=LIMITS)
    assert "in/z.xhtml" in document.warnings[0]
    assert ("paragraph", "words") in shape(document)
