"""Search small, answer from large: a hit is read with its neighbours where its release cut documents so.

Nothing is kept twice. A chunk names the first and the last chunk that it is read with, and their texts, one after the
other, are the document's own text, so that a quote of the whole is verbatim and has its place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from functions.ml.documents import Chunk, IndexedChunk, chunk_id
from functions.ml.ports import RankedHit, Scope, SearchIndex
from shared.contracts.boxes import Box
from shared.contracts.documents import Place


@dataclass(frozen=True, slots=True)
class ReadAround:
    """Puts in place of each hit the passage that it is read in.

    Hits were checked against the registry; their neighbours are of the same document and generation, so what was found
    for a hit holds for them, and the index gives only what the scope may see.
    """

    index: SearchIndex

    def __call__(self, scope: Scope, hits: Sequence[RankedHit]) -> list[RankedHit]:
        """Widen hits.

        Args:
            scope: what the hits were searched in.
            hits: live hits, best first, each chunk once.

        Returns:
            Hits in their order, each passage once: a hit that stands in the passage of a better one is left out, and
            one that is read alone stays what it is. Scores and ids are those of the chunk that was found.

        Raises:
            Unavailable: the index does not answer.
        """
        wanted = {neighbour for hit in hits for neighbour in _neighbours(hit.indexed)}
        missing = wanted - {hit.indexed.chunk_id for hit in hits}
        if not wanted:
            return list(hits)
        known = {hit.indexed.chunk_id: hit.indexed for hit in hits}
        known |= self.index.chunks(scope, missing) if missing else {}
        widened: list[RankedHit] = []
        seen: set[str] = set()
        for hit in hits:
            if hit.indexed.chunk_id in seen:
                continue
            together = _together(hit.indexed, known)
            seen.update(one.chunk_id for one in together)
            widened.append(replace(hit, indexed=replace(hit.indexed, chunk=joined([one.chunk for one in together]))))
        return widened


def _neighbours(found: IndexedChunk) -> list[str]:
    """Return the ids of all that a chunk is read with, its own among them; none where it is read alone."""
    if found.chunk.place.read_with is None:
        return []
    first, last = found.chunk.place.read_with
    return [chunk_id(found.document_id, found.generation, ordinal) for ordinal in range(first, last + 1)]


def _together(found: IndexedChunk, known: Mapping[str, IndexedChunk]) -> list[IndexedChunk]:
    """Return the chunk with its neighbours on both sides, up to the first that is not there or does not touch."""
    ids = _neighbours(found)
    if found.chunk_id not in ids:
        return [found]
    at = ids.index(found.chunk_id)
    together = [found]
    for neighbour in ids[at + 1 :]:
        after = known.get(neighbour)
        if after is None or after.chunk.place.start != together[-1].chunk.place.end:
            break
        together.append(after)
    for neighbour in reversed(ids[:at]):
        before = known.get(neighbour)
        if before is None or before.chunk.place.end != together[0].chunk.place.start:
            break
        together.insert(0, before)
    return together


def joined(chunks: Sequence[Chunk]) -> Chunk:
    """Make one passage of chunks that follow each other without a gap; it has the ordinal of the first.

    Args:
        chunks: at least one, in order.
    """
    if len(chunks) == 1:
        return chunks[0]
    is_table = all(chunk.kind == "table" for chunk in chunks)
    return Chunk(
        ordinal=chunks[0].ordinal,
        text="".join(chunk.text for chunk in chunks),
        kind="table" if is_table else "text",
        place=_joined_place([chunk.place for chunk in chunks], is_table=is_table),
        context=min((chunk.context for chunk in chunks), key=len),
    )


def _joined_place(places: Sequence[Place], *, is_table: bool) -> Place:
    first, last = places[0], places[-1]
    turns: list[tuple[int, int]] = []
    page = first.page
    for place in places:
        if place.page is not None and place.page != page:
            turns.append((place.page, place.start))
        turns += place.page_turns
        page = turns[-1][0] if turns else page
    return first.model_copy(
        update={
            "page_end": last.page_end,
            "page_turns": tuple(turns),
            "row_start": first.row_start if is_table else None,
            "row_end": last.row_end if is_table else None,
            "heading_path": _shared([place.heading_path for place in places]),
            "end": last.end,
            "boxes": tuple(_boxes(places)),
            "read_with": None,
        }
    )


def _boxes(places: Sequence[Place]) -> list[Box]:
    """Return the boxes of all, one that holds the end of one chunk and the start of the next once."""
    boxes: list[Box] = []
    for place in places:
        boxes += [box for box in place.boxes if not boxes or box != boxes[-1]]
    return boxes


def _shared(paths: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the headings that stand above all; those above the first where they share none."""
    shared = paths[0]
    for path in paths[1:]:
        same = 0
        while same < min(len(shared), len(path)) and shared[same] == path[same]:
            same += 1
        shared = shared[:same]
    return shared or paths[0]
