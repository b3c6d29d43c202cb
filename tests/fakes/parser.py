"""A parser for tests: one paragraph per line of UTF-8 text, pages apart by form feeds; a page may be a scan."""

from pathlib import Path

from functions.ml.documents import Block, Chunk, ParsedDocument
from shared.contracts.documents import Place
from shared.kernel.errors import Invalid

PAGE_BREAK = "\f"
SCANNED = "SCAN"


class LineParser:
    """The Parser port; counts the files it read."""

    def __init__(self) -> None:
        self.parsed = 0

    def __call__(self, path: Path, *, filename: str) -> ParsedDocument:
        """Parse, or refuse what is not UTF-8."""
        self.parsed += 1
        try:
            pages = path.read_bytes().decode().split(PAGE_BREAK)
        except UnicodeDecodeError as error:
            raise Invalid("The file is broken. Save it again and upload it.", code="unreadable") from error
        numbered = list(enumerate(pages, start=1))
        unread = tuple(number for number, page in numbered if page.startswith(SCANNED))
        blocks = tuple(
            Block(kind="paragraph", text=line, page=number)
            for number, page in numbered
            if number not in unread
            for line in page.splitlines()
            if line.strip()
        )
        return ParsedDocument(blocks=blocks, pages=len(pages), unit="page", unread_pages=unread)


def chunk_per_block(document: ParsedDocument) -> list[Chunk]:
    """Cut one chunk per block."""
    chunks, start = [], 0
    for ordinal, block in enumerate(document.blocks):
        end = start + len(block.text)
        chunks.append(
            Chunk(
                ordinal=ordinal,
                text=block.text,
                kind="text",
                place=Place(unit="page", page=block.page, start=start, end=end),
            )
        )
        start = end + 2
    return chunks
