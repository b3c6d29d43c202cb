"""HTML: headings, paragraphs, lists, tables and code in document order, without what is not content."""

import re
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

from functions.ml.ingestion.parsing.encodings import decode
from functions.ml.ingestion.parsing.formats.plain import text_blocks
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers.html_tables import is_data_table, node_text, table_rows
from functions.ml.ingestion.parsing.tables import clean, table_blocks
from functions.ml.parsed import Block, BlockKind, ParsedDocument

_LEFT_OUT = frozenset(
    "annotation annotation-xml canvas datalist head iframe math-field nav noscript object rp script select style svg "
    "template".split()
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BREAKS = frozenset(
    "address article aside blockquote body button caption center dd details dialog div dl dt fieldset figcaption "
    "figure footer form header hgroup hr html legend li main ol p pre search section summary table tbody td "
    "tfoot th thead tr "
    "ul h1 h2 h3 h4 h5 h6".split()
)
_KINDS: dict[str, BlockKind] = {
    "li": "list_item", "dt": "list_item", "dd": "list_item", "pre": "code", "figcaption": "caption",
    "caption": "caption",
}  # fmt: skip
_HIDDEN_STYLE = re.compile(
    r"(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:px|pt|em|%)?\s*(?:;|$))", re.I
)
_CONSENT = re.compile(
    r"cookie-?(?:consent|banner|notice|bar|law|popup|modal)|(?:consent|gdpr)-?(?:banner|popup|modal)|onetrust|"
    r"usercentrics|didomi|cookiebot",
    re.IGNORECASE,
)
_LONGEST_CONSENT = 5_000
# A preformatted text longer than this is a document that somebody wrapped in a page, not an example of code.
_LONGEST_CODE = 5_000
_DEEPEST_TABLE = 8


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a page.

    Raises:
        Invalid: the content is not text (`unreadable`).
    """
    del limits  # a web page has no pages
    return parse_html(decode(path.read_bytes(), declared=True))


def parse_html(text: str) -> ParsedDocument:
    """Parse HTML that is already text."""
    tree = LexborHTMLParser(text)
    title = tree.css_first("head > title")
    walk = _Walk()
    if tree.body is not None:
        walk.over(tree.body)
    return ParsedDocument(tuple(walk.blocks), pages=1, unit="section", title=clean(title.text()) if title else "")


class _Walk:
    """A depth-first pass that needs no recursion, for pages may nest a hundred thousand elements deep."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._pieces: list[str] = []
        self._kind: BlockKind = "paragraph"
        self._level = 0
        self._tables = 0
        self._code = 0
        self._depth = 0  # of the tables that lay out the page

    def over(self, root: LexborNode) -> None:
        """Collect the blocks under an element."""
        node: LexborNode | None = root
        entering = True
        while node is not None:
            if entering and self._enter(node) and (child := node.first_child) is not None:
                node = child
                continue
            self._leave(node)
            if node.mem_id == root.mem_id:
                break
            entering = node.next is not None
            node = node.next if entering else node.parent
        self._flush()

    def _enter(self, node: LexborNode) -> bool:
        """Take what the node is; True when its children are to be visited."""
        tag = node.tag or ""
        if tag == "-text":
            self._pieces.append(node.text(deep=False) if not self._code else node.text_content or "")
            return False
        if tag in _LEFT_OUT or tag.startswith("-") or tag == "_comment" or _is_left_out(node):
            return False
        if tag == "table" and self._depth < _DEEPEST_TABLE and is_data_table(node):
            self._flush()
            self._table(node)
            return False
        self._depth += tag == "table"
        if tag == "br":
            self._break_line()
        elif tag in _BREAKS:
            self._flush()
            self._begin(tag)
        elif tag == "img":
            self._pieces.append(f" {node.attributes.get('alt') or ''} ")
        return True

    def _begin(self, tag: str) -> None:
        if tag in _HEADINGS:
            self._kind, self._level = "heading", _HEADINGS[tag]
        elif tag in _KINDS:
            self._kind = _KINDS[tag]
        self._code += tag == "pre"

    def _leave(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag in _BREAKS:
            self._flush()
            self._code -= tag == "pre" and self._code > 0
            if tag in _HEADINGS or tag in _KINDS:
                self._kind, self._level = "paragraph", 0

    def _table(self, node: LexborNode) -> None:
        for caption in node.css("caption"):
            if text := clean(node_text(caption)):
                self.blocks.append(Block("caption", text))
        rows, header = table_rows(node)
        self.blocks += table_blocks(rows, table=self._tables, header=header)
        self._tables += 1

    def _break_line(self) -> None:
        """Two breaks in a row set paragraphs apart; one is a space, in code a line."""
        written = "".join(self._pieces[-2:]).rstrip(" ")
        if written.endswith("\n") and not self._code:
            self._flush()
        else:
            self._pieces.append("\n")

    def _flush(self) -> None:
        text = "".join(self._pieces)
        self._pieces.clear()
        text = text.strip("\n").rstrip() if self._code else clean(text)
        if self._kind == "code" and len(text) > _LONGEST_CODE:
            self.blocks += text_blocks(text)
        elif text:
            self.blocks.append(Block(self._kind, text, level=self._level))


def _is_left_out(node: LexborNode) -> bool:
    """Tell what a reader does not see, menus, and the boxes that ask about cookies."""
    attributes = node.attributes
    if not attributes:
        return False
    hidden = attributes.get("hidden", "until-found") != "until-found" if "hidden" in attributes else False
    if hidden or attributes.get("role") == "navigation" or _HIDDEN_STYLE.search(attributes.get("style") or ""):
        return True
    names = f"{attributes.get('id') or ''} {attributes.get('class') or ''}"
    return bool(
        len(names) > 1
        and node.tag not in {"body", "html", "main", "article"}
        and _CONSENT.search(names)
        and len(node.text()) <= _LONGEST_CONSENT
    )
