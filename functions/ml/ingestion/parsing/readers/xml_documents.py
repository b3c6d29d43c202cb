"""XML that holds a document: articles in JATS, books in DocBook, editions in TEI.

Source: JATS 1.3 (NISO Z39.96), DocBook 5.1, TEI P5: the names of their elements.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from functions.ml.ingestion.parsing.tables import clean, table_blocks
from functions.ml.ingestion.parsing.xml_trees import local_name
from functions.ml.parsed import Block, BlockKind

_ROOTS = frozenset("article book chapter tei part-wrapper section refentry sect1 set part topic concept task".split())
_SECTIONS = frozenset(
    "sec section abstract trans-abstract ack app ref-list sect1 sect2 sect3 sect4 sect5 chapter part appendix preface "
    "div simplesect topic concept task bibliography glossary boxed-text sidebar".split()
)
_TITLES = frozenset("title head article-title book-title subtitle".split())
_KINDS: dict[str, BlockKind] = {
    "p": "paragraph", "para": "paragraph", "simpara": "paragraph", "ab": "paragraph", "l": "paragraph",
    "disp-formula": "paragraph", "verse-line": "paragraph", "attrib": "paragraph", "term": "paragraph",
    "ref": "list_item", "biblioentry": "list_item", "bibl": "list_item", "def-item": "list_item",
    "label-item": "list_item", "caption": "caption", "fn": "note", "footnote": "note", "note": "note",
    "programlisting": "code", "preformat": "code", "code": "code", "screen": "code", "codeblock": "code",
}  # fmt: skip
_LISTS = frozenset("list-item listitem item li".split())
# Identifiers, dates and counts of the publisher, and what is said twice.
_LEFT_OUT = frozenset(
    "journal-meta article-id article-categories pub-date volume issue elocation-id fpage lpage history permissions "
    "counts custom-meta-group self-uri related-article object-id teiheader indexterm processing-meta "
    "funding-group author-notes aff contrib-id annotation annotation-xml graphic media".split()
)
_LEFT_OUT_OF_TEXT = _LEFT_OUT - frozenset("volume issue elocation-id fpage lpage".split())  # a reference says them
_NAMED = {
    "abstract": "Abstract", "trans-abstract": "Abstract", "ack": "Acknowledgments", "ref-list": "References",
}  # fmt: skip
_AUTHORS = frozenset("contrib-group authorgroup author".split())
_CELLS = frozenset("td th entry cell".split())
_INLINE_NOTES = frozenset({"fn", "footnote"})
_DEEPEST = 100


def is_article(root: Any) -> bool:
    """Tell a document from data: it is called one, and holds paragraphs."""
    return local_name(root).lower() in _ROOTS and any(local_name(item) in {"p", "para", "ab"} for item in root.iter())


def article_blocks(root: Any) -> tuple[str, list[Block]]:
    """Return the title and the blocks of a document."""
    walk = _Walk()
    walk.over(root, 0, 0)
    title = next((block.text for block in walk.blocks if block.kind == "heading"), "")
    return title, walk.blocks


class _Walk:
    """One pass over a document; counts the tables."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._tables = 0
        self._label = ""  # waits for what it numbers

    def over(self, element: Any, level: int, depth: int) -> None:
        """Take what stands under an element; `level` counts the sections around it."""
        for child in element if depth < _DEEPEST else ():
            self._take(child, level, depth + 1)

    def _take(self, element: Any, level: int, depth: int) -> None:
        name = local_name(element).lower()
        if not name or name in _LEFT_OUT:
            return
        if name in _SECTIONS:
            self._section(element, name, level, depth)
        elif name in {"table", "informaltable", "tgroup"}:
            self._table(element)
        elif name in _LISTS and _holds_blocks(element):
            self._list_item(element, level, depth)
        elif not self._leaf(element, name, level):
            if len(element) and not _is_mixed(element):
                self.over(element, level, depth)
            else:
                self._add("paragraph", _text(element))

    def _section(self, element: Any, name: str, level: int, depth: int) -> None:
        if name in _NAMED and not any(local_name(child) == "title" for child in element):
            self.blocks.append(Block("heading", _NAMED[name], level=level + 2))
        self.over(element, level + 1, depth)

    def _leaf(self, element: Any, name: str, level: int) -> bool:
        """Take an element whose name says what its text is; False when it is none of these."""
        if name in _TITLES:
            self._add("heading", _text(element), level + 1)
        elif name == "label":
            self._label = _text(element)
        elif name in _AUTHORS:
            self._add("paragraph", ", ".join(_names(element)))
        elif name == "caption" or (name in _KINDS and not _holds_blocks(element)):
            self._add(_KINDS[name], element_text(element, name))
        elif name in _LISTS:
            self._add("list_item", _text(element))
        else:
            return False
        return True

    def _add(self, kind: BlockKind, text: str, level: int = 0) -> None:
        if text:
            self.blocks.append(Block(kind, f"{self._label} {text}".strip(), level=level))
            self._label = ""

    def _list_item(self, element: Any, level: int, depth: int) -> None:
        first = len(self.blocks)
        self.over(element, level, depth)
        self.blocks[first:] = [
            replace(block, kind="list_item") if block.kind == "paragraph" else block for block in self.blocks[first:]
        ]

    def _table(self, table: Any) -> None:
        rows: list[list[str]] = []
        header: bool | None = None
        above: dict[int, tuple[int, str]] = {}
        for row in (item for item in table.iter() if local_name(item) in {"tr", "row"}):
            cells = [cell for cell in row if local_name(cell) in _CELLS]
            if not rows and cells:
                header = True if all(local_name(cell) == "th" for cell in cells) or _in_head(row) else None
            rows.append(_row(cells, above))
        self.blocks += table_blocks(rows, table=self._tables, header=header)
        self._tables += 1


def _row(cells: list[Any], above: dict[int, tuple[int, str]]) -> list[str]:
    """Return a row's cells by column: a wide cell once, a tall one in every row that it stands in."""
    row: list[str] = []
    for cell in [*cells, None]:
        while len(row) in above:
            left, text = above.pop(len(row))
            if left > 1:
                above[len(row)] = (left - 1, text)
            row.append(text)
        if cell is None:
            break
        text = _text(cell)
        height = _number(cell.get("rowspan")) or _number(cell.get("morerows")) + 1
        for offset in range(max(_number(cell.get("colspan")), 1)):
            value = text if offset == 0 else ""
            if height > 1:
                above[len(row)] = (height - 1, value)
            row.append(value)
    return row


def _number(value: str | None) -> int:
    return min(int(value), 100) if value and value.isdecimal() else 0


def _in_head(row: Any) -> bool:
    return local_name(row.getparent()) == "thead"


def _holds_blocks(element: Any) -> bool:
    return any(
        local_name(child)
        in {"p", "para", "simpara", "list", "itemizedlist", "orderedlist", "table-wrap", "table", "title"}
        for child in element
    ) and not _is_mixed(element)


def _is_mixed(element: Any) -> bool:
    return bool((element.text or "").strip()) or any((child.tail or "").strip() for child in element)


def _names(element: Any) -> Iterator[str]:
    """Yield the names of people in the order people say them."""
    for name in element.iter():
        if local_name(name) in {"name", "personname", "persName"}:
            parts = {local_name(part).lower(): clean("".join(part.itertext())) for part in name}
            first = parts.get("given-names") or parts.get("firstname") or parts.get("forename") or ""
            last = parts.get("surname", "")
            yield f"{first} {last}".strip() or _text(name)
        elif local_name(name) == "collab":
            yield _text(name)


def element_text(element: Any, name: str) -> str:
    """Return the text of an element; of code with its lines."""
    if _KINDS.get(name) == "code":
        return "".join(element.itertext()).strip("\n").rstrip()
    return _text(element)


def _text(element: Any) -> str:
    """Return an element's text; what stands side by side in structures (names, parts of a reference) set apart."""
    pieces: list[str] = []
    _collect(element, pieces, 0)
    return clean("".join(pieces))


def _collect(element: Any, pieces: list[str], depth: int) -> None:
    if local_name(element) == "alternatives":  # the same formula or picture in several forms
        inner = [child for child in element if local_name(child)]
        chosen = next((child for child in inner if local_name(child) == "tex-math"), inner[0] if inner else None)
        if chosen is not None:
            _collect(chosen, pieces, depth + 1)
        return
    if local_name(element) == "tex-math":
        pieces.append(_formula(element.text or ""))
        return
    pieces.append(element.text or "")
    apart = not _is_mixed(element) and local_name(element) not in {"math", "mrow", "italic", "bold", "sub", "sup"}
    for child in element:
        if local_name(child).lower() not in _LEFT_OUT_OF_TEXT and depth < _DEEPEST:
            _collect(child, pieces, depth + 1)
        pieces.append(child.tail or "")
        if apart:
            pieces.append(" ")


def _formula(text: str) -> str:
    """Return the formula out of the whole LaTeX document that publishers wrap each one in."""
    return text.partition(r"\begin{document}")[2].partition(r"\end{document}")[0] or text
