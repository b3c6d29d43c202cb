"""A parser for tests: one paragraph per line of UTF-8 text."""

from pathlib import Path

from functions.ml.documents import Block, Chunk, ParsedDocument
from shared.contracts.documents import Place
from shared.kernel.errors import Invalid


class LineParser:
    """The Parser port; counts the files it read."""

    def __init__(self) -> None:
        self.parsed = 0

    def __call__(self, path: Path, *, filename: str) -> ParsedDocument:
        """Parse, or refuse what is not UTF-8."""
        self.parsed += 1
        try:
            lines = path.read_bytes().decode().splitlines()
        except UnicodeDecodeError as error:
            raise Invalid("The file is broken. Save it again and upload it.", code="unreadable") from error
        blocks = tuple(Block(kind="paragraph", text=line, page=1) for line in lines if line.strip())
        return ParsedDocument(blocks=blocks, pages=1, unit="page")


def chunk_per_block(document: ParsedDocument) -> list[Chunk]:
    """Cut one chunk per block."""
    chunks, start = [], 0
    for ordinal, block in enumerate(document.blocks):
        end = start + len(block.text)
        chunks.append(
            Chunk(ordinal=ordinal, text=block.text, kind="text", place=Place(unit="page", page=1, start=start, end=end))
        )
        start = end + 2
    return chunks
