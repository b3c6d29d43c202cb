"""reStructuredText through docutils, with Sphinx's directives and roles read for what they say."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from docutils.core import publish_doctree

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.encodings import decode
from functions.ml.ingestion.parsing.formats.plain import text_blocks
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers.rst_extensions import understand_sphinx
from functions.ml.ingestion.parsing.tables import clean, table_blocks
from functions.ml.parsed import Block, BlockKind, ParsedDocument

_LONGEST_LINE = 100_000
_SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "_disable_config": True,
    "syntax_highlight": "none",
    "report_level": 5,
    "halt_level": 5,
    "warning_stream": False,
    "doctitle_xform": False,
    "docinfo_xform": False,
    "smart_quotes": False,
    "line_length_limit": _LONGEST_LINE,
}
_LEFT_OUT = (nodes.comment, nodes.substitution_definition, nodes.target, nodes.pending, nodes.raw, nodes.generated)
_ROLE = re.compile(r":[\w:+.-]+:`([^`]*)`")
_LEAVES: tuple[tuple[type[nodes.Element], BlockKind], ...] = (
    (nodes.caption, "caption"),
    (nodes.rubric, "paragraph"),
    (nodes.attribution, "paragraph"),
    (nodes.term, "list_item"),
)
_ITEMS = (nodes.list_item, nodes.definition, nodes.field_body)


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a file; nothing is included from other files, comments are left out.

    Raises:
        Invalid: the content is not text, or nested deeper than anybody writes (`unreadable`).
    """
    del limits  # such a file has no pages
    text = decode(path.read_bytes())
    if max(map(len, text.split("\n"))) > _LONGEST_LINE:
        warning = "The lines of the file are too long for reStructuredText; it was read as plain text."
        return ParsedDocument(tuple(text_blocks(text)), pages=1, unit="section", warnings=(warning,))
    understand_sphinx()
    try:
        tree = publish_doctree(text, settings_overrides={**_SETTINGS, "warning_stream": io.StringIO()})
        blocks = list(_Walk().blocks(tree, 0, "paragraph"))
    except RecursionError as error:
        raise refusals.unreadable("The file is nested too deep to be read.") from error
    title = next((block.text for block in blocks if block.kind == "heading"), "")
    return ParsedDocument(tuple(blocks), pages=1, unit="section", title=title)


class _Walk:
    """One pass over a tree; counts the tables."""

    def __init__(self) -> None:
        self._tables = 0

    def blocks(self, parent: nodes.Element, level: int, kind: BlockKind) -> Iterator[Block]:
        """Yield the blocks under a node; `kind` is what its paragraphs are."""
        for node in parent.children:
            if isinstance(node, nodes.Element) and not isinstance(node, _LEFT_OUT):
                yield from self._block(node, level, kind)

    def _block(self, node: nodes.Element, level: int, kind: BlockKind) -> Iterator[Block]:
        leaf = next((as_kind for leaf_type, as_kind in _LEAVES if isinstance(node, leaf_type)), None)
        if isinstance(node, nodes.section):
            yield from self.blocks(node, level + 1, "paragraph")
        elif isinstance(node, nodes.title | nodes.subtitle):
            heading = isinstance(node.parent, nodes.section | nodes.document)
            yield from _of("heading" if heading else "caption", clean(_text(node)), level if heading else 0)
        elif isinstance(node, nodes.literal_block | nodes.doctest_block | nodes.math_block):
            yield from _of("code", node.astext().strip("\n").rstrip())
        elif isinstance(node, nodes.line_block):
            yield from _of(kind, "\n".join(_text(line) for line in node.findall(nodes.line)))
        elif isinstance(node, nodes.table):
            yield from self._table(node, level)
        elif isinstance(node, nodes.image):
            yield from _of("caption", clean(node.get("alt", "")))
        elif leaf is not None:
            yield from _of(leaf, clean(_text(node)))
        else:
            yield from self._container(node, level, kind)

    def _container(self, node: nodes.Element, level: int, kind: BlockKind) -> Iterator[Block]:
        if isinstance(node, nodes.paragraph):
            yield from _of(kind, _text(node).strip())
        elif isinstance(node, nodes.system_message):
            yield from _of("paragraph", _unread(node))
        elif isinstance(node, nodes.field):
            yield from _of("list_item", clean(f"{_text(node.children[0])}: {_text(node.children[-1])}"))
        elif isinstance(node, nodes.footnote | nodes.citation):
            yield from _of("note", clean(_text(node)))
        elif isinstance(node, nodes.Admonition) and not isinstance(node, nodes.admonition):
            yield from _of("caption", type(node).__name__.capitalize())
            yield from self.blocks(node, level, kind)
        else:
            yield from self.blocks(node, level, "list_item" if isinstance(node, _ITEMS) else kind)

    def _table(self, table: nodes.Element, level: int) -> Iterator[Block]:
        for title in table.findall(nodes.title):
            yield from _of("caption", clean(_text(title)))
        rows: list[list[str]] = []
        above: dict[int, tuple[int, str]] = {}
        heads = 0
        for row in table.findall(nodes.row):
            heads += isinstance(row.parent, nodes.thead)
            rows.append(_row(row, above))
        yield from table_blocks(rows, table=self._tables, header=True if heads else None)
        self._tables += 1


def _row(row: nodes.Element, above: dict[int, tuple[int, str]]) -> list[str]:
    """Return a row's cells by column: a wide cell once, a tall one in every row that it stands in."""
    cells: list[str] = []
    for entry in [*row.children, None]:
        while len(cells) in above:
            left, text = above.pop(len(cells))
            if left > 1:
                above[len(cells)] = (left - 1, text)
            cells.append(text)
        if not isinstance(entry, nodes.Element):
            continue
        text = " ".join(_text(child) for child in entry.children if isinstance(child, nodes.Element))
        for offset in range(1 + entry.get("morecols", 0)):
            value = text if offset == 0 else ""
            if entry.get("morerows", 0):
                above[len(cells)] = (entry["morerows"], value)
            cells.append(value)
    return cells


def _of(kind: BlockKind, text: str, level: int = 0) -> Iterator[Block]:
    if text:
        yield Block(kind, text, level=level)


def _text(node: nodes.Node) -> str:
    """Return the text of a node; a role that nobody knows is read for its words."""
    if isinstance(node, nodes.image):
        return str(node.get("alt", ""))
    if isinstance(node, nodes.Text):
        return str(node)
    if isinstance(node, nodes.problematic):
        return _ROLE.sub(r"\1", node.astext())
    if isinstance(node, nodes.system_message | nodes.raw | nodes.comment):
        return ""
    separator = "" if isinstance(node, nodes.TextElement) else " "
    return separator.join(_text(child) for child in node.children)


def _unread(message: nodes.Element) -> str:
    """Return the source that docutils could not read, so that its words are not lost."""
    return "\n".join(block.astext() for block in message.findall(nodes.literal_block)).strip()
