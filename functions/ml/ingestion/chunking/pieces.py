"""The smallest parts that a chunk is packed from: blocks, or the sentences of long ones, each with its place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from functions.ml.documents import Chunk, ChunkKind
from functions.ml.ingestion.chunking.sentences import cut_to_size, sentence_spans
from functions.ml.ingestion.text import FullText
from functions.ml.parsed import Block, ParsedDocument
from functions.ml.token_estimates import estimate_tokens
from shared.contracts.boxes import Box, boxes_between
from shared.contracts.documents import Place

_SEPARATOR_TOKENS = 0.5
_LONGEST_CONTEXT = 300
_PATH_SEPARATOR = " › "


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the full text that is never cut.

    Attributes:
        start: first character.
        end: one past the last.
        tokens: estimated size with the separator after it.
        block: what it is part of.
        path: headings above it, its own included.
        boxes: where it stands on its pages, counted in the full text.
    """

    start: int
    end: int
    tokens: float
    block: Block
    path: tuple[str, ...]
    boxes: tuple[Box, ...] = ()

    @property
    def level(self) -> int:
        """Level of a heading, 0 for anything else."""
        return self.block.level if self.block.kind == "heading" else 0

    @property
    def is_row(self) -> bool:
        """Whether it is a row of a table."""
        return self.block.kind == "table_row"


def apart(above: Piece, below: Piece) -> bool:
    """Tell whether two pieces stand on different sheets or in different files of a container."""
    return (above.block.sheet, above.block.member) != (below.block.sheet, below.block.member)


def heading_paths(blocks: Sequence[Block]) -> list[tuple[str, ...]]:
    """Return for each block the titles above it, outermost first, a heading's own included."""
    stack: list[tuple[int, str]] = []
    paths = []
    path: tuple[str, ...] = ()
    for block in blocks:
        if block.kind == "heading":
            while stack and stack[-1][0] >= block.level:
                stack.pop()
            stack.append((block.level, block.text.strip()))
            path = tuple(title for _, title in stack)
        paths.append(path)
    return paths


def pieces_of(
    document: ParsedDocument, full: FullText, *, whole_tokens: float, most_tokens: float, row_tokens: float = 0.0
) -> list[Piece]:
    """Cut a document into pieces.

    Args:
        document: the document.
        full: its text.
        whole_tokens: a block up to this size stays whole; a longer one becomes its sentences.
        most_tokens: a sentence over this size is cut at a clause, a space or anywhere.
        row_tokens: a row of a table up to this size stays whole too.

    Returns:
        Pieces in order that together hold all of the text that is not space.
    """
    found = []
    for block, span, path in zip(document.blocks, full.spans, heading_paths(document.blocks), strict=True):
        boxes = boxes_of(block, span[0])
        whole = max(whole_tokens, row_tokens) if block.kind == "table_row" else whole_tokens
        for start, end in _stretches(block, full.text, span, whole, most_tokens):
            tokens = estimate_tokens(full.text[start:end]) + _SEPARATOR_TOKENS
            found.append(Piece(start, end, tokens, block, path, boxes_between(boxes, start, end)))
    return found


def _stretches(
    block: Block, text: str, span: tuple[int, int], whole_tokens: float, most_tokens: float
) -> Iterator[tuple[int, int]]:
    start, end = span
    if start == end:
        return
    if end - start < whole_tokens or estimate_tokens(text[start:end]) <= whole_tokens:
        yield span
        return
    parts = _lines(text, start, end) if block.kind == "code" else sentence_spans(text, start, end)
    for part in parts:
        if estimate_tokens(text[slice(*part)]) <= most_tokens:
            yield part
        else:
            yield from cut_to_size(text, *part, most_tokens)


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for line in text[start:end].splitlines(keepends=True):
        if line.strip():
            yield start, start + len(line.rstrip())
        start += len(line)


def chunks_of(document: ParsedDocument, text: str, groups: Sequence[Sequence[Piece]]) -> list[Chunk]:
    """Make a chunk of each group of consecutive pieces."""
    return [chunk_of(n, group, document, text, start=group[0].start) for n, group in enumerate(groups)]


def linked_chunks(
    document: ParsedDocument, text: str, groups: Sequence[Sequence[Piece]], links: Sequence[tuple[int, int] | None]
) -> list[Chunk]:
    """Make chunks of which some are read with their neighbours.

    A chunk reaches to the first character of the next one that it is read with, so that the texts of neighbours, one
    after the other, are the document's text between them.

    Args:
        document: the document.
        text: its text.
        groups: consecutive pieces of each chunk.
        links: for each chunk the first and the last that it is read with, or None.
    """
    chunks = []
    for ordinal, (group, link) in enumerate(zip(groups, links, strict=True)):
        goes_on = link is not None and ordinal < link[1]
        end = groups[ordinal + 1][0].start if goes_on else None
        alone = link is None or link[0] == link[1]
        chunk = chunk_of(ordinal, group, document, text, start=group[0].start, end=end)
        place = chunk.place if alone else chunk.place.model_copy(update={"read_with": link})
        chunks.append(replace(chunk, place=place))
    return chunks


def chunk_of(
    ordinal: int, pieces: Sequence[Piece], document: ParsedDocument, text: str, *, start: int, end: int | None = None
) -> Chunk:
    """Make a chunk of consecutive pieces.

    Args:
        ordinal: of the chunk.
        pieces: at least one.
        document: the document.
        text: its text.
        start: first character; it may lie before the first piece, for an overlap.
        end: one past the last character; the end of the last piece where it is None.
    """
    rows = [piece for piece in pieces if piece.is_row]
    body = [piece for piece in pieces if not piece.level] or list(pieces)
    kind: ChunkKind = (
        "table" if 2 * sum(piece.tokens for piece in rows) > sum(piece.tokens for piece in body) else "text"
    )
    path = _shared_path(body)
    end = pieces[-1].end if end is None else end
    pages = _pages(pieces)
    place = Place(
        unit=pieces[0].block.unit or document.unit,
        page=pages[0][0],
        page_end=pages[-1][0],
        page_turns=tuple((page, begins) for page, begins in pages[1:] if page is not None),
        sheet=pieces[0].block.sheet,
        row_start=rows[0].block.row if kind == "table" else None,
        row_end=rows[-1].block.row if kind == "table" else None,
        heading_path=path,
        start=start,
        end=end,
        member=pieces[0].block.member,
        boxes=tuple(_boxes(pieces)),
    )
    return Chunk(ordinal, text[start:end], kind, place, context_line(document.title, place, path))


def _boxes(pieces: Sequence[Piece]) -> Iterator[Box]:
    """Yield the boxes of pieces, a box that holds several of them once."""
    last: Box | None = None
    for piece in pieces:
        for box in piece.boxes:
            if box != last:
                yield box
            last = box


def boxes_of(block: Block, start: int) -> tuple[Box, ...]:
    """Return the boxes of a block whose text starts at `start` of the full text, counted in the full text."""
    return tuple(Box(start + box[0], *box[1:]) for box in block.boxes)


def _pages(pieces: Sequence[Piece]) -> list[tuple[int | None, int]]:
    """Return each page with its first character, so that a quote can be told the page it stands on; at least one."""
    found: list[tuple[int | None, int]] = []
    for piece in pieces:
        turns_inside = [(box.page, max(box.start, piece.start)) for box in piece.boxes]
        found += turns_inside or [(piece.block.page, piece.start)]
    turns = [below for above, below in pairwise(found) if below[0] is not None and below[0] != above[0]]
    return [found[0], *turns]


def _shared_path(body: Sequence[Piece]) -> tuple[str, ...]:
    """Return the headings that stand above all pieces; those above the first where they share none."""
    shared = body[0].path
    for piece in body[1:]:
        if piece.path != shared:
            same = 0
            while same < min(len(shared), len(piece.path)) and shared[same] == piece.path[same]:
                same += 1
            shared = shared[:same]
    return shared or body[0].path


def context_line(title: str, place: Place, path: Sequence[str]) -> str:
    """Return title, file of a container, sheet and headings in at most 300 characters, what repeats left out."""
    parts = [part for part in (title, place.member, place.sheet or "", *path) if part]
    unique = [part for index, part in enumerate(parts) if part not in parts[:index]]
    return " ".join(_PATH_SEPARATOR.join(unique).split())[:_LONGEST_CONTEXT]
