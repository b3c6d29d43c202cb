"""Blocks from markup that is read line by line: what is open grows until something else begins."""

from collections.abc import Callable

from functions.ml.ingestion.parsing.tables import clean, table_blocks
from functions.ml.parsed import Block, BlockKind


class LineBlocks:
    """Collects the blocks of a file.

    Attributes:
        blocks: those that are closed.
    """

    def __init__(self, inline: Callable[[str], str]) -> None:
        """Start empty; `inline` returns a text without its inline markup."""
        self.blocks: list[Block] = []
        self._inline = inline
        self._kind: BlockKind = "paragraph"
        self._lines: list[str] = []
        self._tables = 0

    @property
    def is_open(self) -> bool:
        """Whether a paragraph or item may go on."""
        return bool(self._lines)

    def begin(self, kind: BlockKind, text: str) -> None:
        """Close what is open and begin a block of running text."""
        self.close()
        self._kind = kind
        self._lines = [text]

    def go_on(self, text: str) -> None:
        """Add a line to what is open; a paragraph begins where nothing is."""
        if not self._lines:
            self._kind = "paragraph"
        self._lines.append(text)

    def close(self) -> None:
        """End what is open."""
        text = self._inline("\n".join(self._lines)).strip()
        self._lines = []
        if text:
            self.blocks.append(Block(self._kind, text))

    def heading(self, text: str, level: int) -> None:
        """Add a heading."""
        self.close()
        if text := clean(self._inline(text)):
            self.blocks.append(Block("heading", text, level=level))

    def caption(self, text: str) -> None:
        """Add a caption."""
        self.close()
        if text := clean(self._inline(text)):
            self.blocks.append(Block("caption", text))

    def code(self, lines: list[str]) -> None:
        """Add a block of code, kept as it stands."""
        self.close()
        text = "\n".join(lines).strip("\n").rstrip()
        if text.strip():
            self.blocks.append(Block("code", text))

    def table(self, rows: list[list[str]], *, header: bool | None) -> None:
        """Add a table."""
        self.close()
        self.blocks += table_blocks(
            [[self._inline(cell) for cell in row] for row in rows], table=self._tables, header=header
        )
        self._tables += 1
