r"""LaTeX: sections, lists, tables, code and formulas out of the tree that pylatexenc reads.

Macros that say something in every class are read; what a package or a file of its own would add is not.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pylatexenc.latexwalker import (
    LatexCharsNode,
    LatexCommentNode,
    LatexEnvironmentNode,
    LatexMacroNode,
    LatexMathNode,
    LatexNode,
    LatexWalker,
    LatexWalkerError,
)

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.encodings import decode
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers.latex_inline import context, inline_text, last_group
from functions.ml.ingestion.parsing.readers.latex_tables import table_cells
from functions.ml.ingestion.parsing.tables import clean, table_blocks
from functions.ml.parsed import Block, BlockKind, ParsedDocument

_LEVELS = {"part": 1, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5,
           "subparagraph": 6,            "frametitle": 3, "framesubtitle": 4}  # fmt: skip
_LISTS = frozenset({"itemize", "enumerate", "description", "list", "compactitem", "compactenum", "thebibliography"})
_TABLES = frozenset(
    {"tabular", "tabular*", "tabularx", "tabulary", "longtable", "tabu", "longtabu", "tblr", "supertabular"}
)
_CODE = frozenset({"verbatim", "verbatim*", "Verbatim", "lstlisting", "minted", "alltt", "Code"})
_MATH = frozenset(
    "equation equation* align align* displaymath math eqnarray eqnarray* gather gather* multline multline* alignat "
    "alignat* flalign flalign* subequations".split()
)
_LEFT_OUT = frozenset({"comment", "tikzpicture", "filecontents", "filecontents*", "pgfpicture", "pspicture"})
_NAMED = {"abstract": "Abstract", "thebibliography": "References"}
_PREAMBLE_SAID = {"title": "heading", "author": "paragraph", "date": "paragraph"}
_SILENT = frozenset("input include bibliography includegraphics maketitle usepackage tableofcontents label".split())
_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
_ENVIRONMENT_ENDS = re.compile(r"\A\\begin\{[^}]*\}(?:\[[^\]]*\])?(?:\{[^}]*\})?|\\end\{[^}]*\}\Z")


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a LaTeX file; comments, pictures drawn in it and included files are left out, formulas stay as written.

    Raises:
        Invalid: the content is not text, or nested deeper than anybody writes (`unreadable`).
    """
    del limits  # a LaTeX file does not say where its pages end
    text = decode(path.read_bytes())
    try:
        nodes, _, _ = LatexWalker(text, latex_context=context(), tolerant_parsing=True).get_latex_nodes()
        walk = _Walk()
        body = _find(nodes, "document")
        if body is not None:
            walk.preamble(nodes)
        walk.over(body.nodelist if body is not None else nodes)
    except (LatexWalkerError, RecursionError) as error:
        raise refusals.unreadable("The LaTeX in the file is broken or nested too deep to be read.") from error
    title = walk.title or next((block.text for block in walk.blocks if block.kind == "heading"), "")
    return ParsedDocument(tuple(walk.blocks), pages=1, unit="section", title=title)


def _find(nodes: Sequence[LatexNode], name: str) -> LatexEnvironmentNode | None:
    return next(
        (node for node in nodes if isinstance(node, LatexEnvironmentNode) and node.environmentname == name), None
    )


class _Walk:
    """One pass over the tree; running text is collected until something else begins."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.title = ""
        self._open: list[LatexNode] = []
        self._kind: BlockKind = "paragraph"
        self._tables = 0

    def preamble(self, nodes: Sequence[LatexNode]) -> None:
        """Take title, author and date, wherever they stand before the text."""
        for node in nodes:
            if isinstance(node, LatexMacroNode) and node.macroname in _PREAMBLE_SAID:
                self._said_once(node)

    def over(self, nodes: Sequence[LatexNode]) -> None:
        """Take a list of nodes."""
        for node in nodes:
            if isinstance(node, LatexEnvironmentNode):
                self._environment(node)
            elif isinstance(node, LatexMathNode) and node.displaytype == "display":
                self._flush()
                self._add("code", node.latex_verbatim().strip())
            elif isinstance(node, LatexMacroNode):
                self._macro(node)
            elif not isinstance(node, LatexCommentNode):
                self._open.append(node)
        self._flush()

    def _macro(self, node: LatexMacroNode) -> None:
        name = node.macroname
        if name in _LEVELS:
            self._flush()
            self._add("heading", clean(inline_text(last_group(node))), _LEVELS[name])
        elif name in _PREAMBLE_SAID:
            self._flush()
            self._said_once(node)
        elif name in {"caption", "captionof", "subcaption"}:
            self._flush()
            self._add("caption", clean(inline_text(last_group(node))))
        elif name in {"par", "newpage", "clearpage", "pagebreak", "bigskip", "medskip", "smallskip"}:
            self._flush()
        elif name not in _SILENT:
            self._open.append(node)

    def _said_once(self, node: LatexMacroNode) -> None:
        text = clean(inline_text(last_group(node)))
        if node.macroname == "title":
            self.title = self.title or text
            self._add("heading", text, 1)
        elif text:
            self._add("paragraph", text)

    def _environment(self, node: LatexEnvironmentNode) -> None:
        name = node.environmentname
        if name in {"math", "array", "matrix", "cases"} or name.endswith("matrix"):
            self._open.append(node)
            return
        self._flush()
        if name in _NAMED:
            self._add("heading", _NAMED[name], 2)
        if name in _LISTS:
            self._list(node)
        elif name in _TABLES:
            self.blocks += table_blocks(table_cells(node.nodelist), table=self._tables)
            self._tables += 1
        elif name in _CODE:
            self._add("code", _ENVIRONMENT_ENDS.sub("", node.latex_verbatim()).strip("\n").rstrip())
        elif name in _MATH:
            self._add("code", node.latex_verbatim().strip())
        elif name not in _LEFT_OUT:
            self.over(node.nodelist)

    def _list(self, node: LatexEnvironmentNode) -> None:
        before, self._kind = self._kind, "list_item"
        for item in _items(node.nodelist):
            self.over(item)
        self._kind = before

    def _flush(self) -> None:
        nodes, self._open = self._open, []
        for part in _PARAGRAPH.split(inline_text(nodes)) if nodes else ():
            self._add(self._kind, clean(part))

    def _add(self, kind: BlockKind, text: str, level: int = 0) -> None:
        if text:
            self.blocks.append(Block(kind, text, level=level))


def _items(nodes: Sequence[LatexNode]) -> Iterator[list[LatexNode]]:
    """Yield the nodes of each item, a label of its own first."""
    item: list[LatexNode] = []
    item_has_begun = False  # what stands before the first entry of a bibliography is the width of its labels
    for node in nodes:
        if isinstance(node, LatexMacroNode) and node.macroname in {"item", "bibitem"}:
            if node.macroname == "item" or item_has_begun:
                yield item
            item_has_begun = True
            label = [part for part in (node.nodeargd.argnlist if node.nodeargd else ()) if part is not None]
            item = [*label, LatexCharsNode(chars=" ")] if label and node.macroname == "item" else []
        else:
            item.append(node)
    yield item
