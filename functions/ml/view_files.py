"""How what is drawn of a document lies in the artifacts bucket.

A generation has one folder. `index.json` says what is known of the whole and holds the first stretches itself, so that
most documents are one object; `00001.json` and so on hold the others. The index is written last: where it is, all is.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from functions.ml.ports import ObjectStore
from functions.ml.storage import view_key
from shared.contracts.registry import DocumentRow
from shared.contracts.views import DocumentView, ViewedPage

FILE_BYTES = 400_000
"""After so many bytes the next file begins."""
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class ViewIndex:
    """Where the stretches of one generation are.

    Attributes:
        view: what is known of the whole.
        begins: for each file the ordinal of its first stretch and the first character of that.
        pages: those of the first file.
    """

    view: DocumentView
    begins: tuple[tuple[int, int], ...]
    pages: tuple[ViewedPage, ...]

    def file_of(self, ordinal: int) -> int:
        """Return the number of the file that holds a stretch, the last one for those behind the end."""
        return max((number for number, (first, _) in enumerate(self.begins) if first <= ordinal), default=0)

    def file_at(self, character: int) -> int:
        """Return the number of the file that holds a character of the document's text."""
        return max((number for number, (_, start) in enumerate(self.begins) if start <= character), default=0)


def write_view(artifacts: ObjectStore, row: DocumentRow, pages: Iterable[ViewedPage], view: DocumentView) -> None:
    """Keep the view of the row's generation.

    Args:
        artifacts: where it goes.
        row: its document.
        pages: in order; one file of them is in memory at a time, beside the first.
        view: what is known; how many stretches there are and whether that is all is found out here.

    Raises:
        Unavailable: the bucket does not answer.
    """
    first: list[str] = []
    begins: list[tuple[int, int]] = []
    stretches, end = 0, 0
    for number, file in enumerate(_files(pages)):
        begins.append((file[0][0].ordinal, file[0][0].start))
        stretches, end = stretches + len(file), file[-1][0].end
        written = [body for _, body in file]
        if number == 0:
            first = written
        else:
            artifacts.write(_key(row, row.generation, number), _array(written), media_type=_JSON)
    known = view.model_copy(update={"stretches": stretches, "is_whole": end >= view.characters})
    index = f'{{"view":{known.model_dump_json()},"begins":{json.dumps(begins)},"pages":'.encode() + _array(first) + b"}"
    artifacts.write(_key(row, row.generation, 0), index, media_type=_JSON)


def read_index(artifacts: ObjectStore, row: DocumentRow, generation: int) -> ViewIndex:
    """Read what is known of a generation's view. Raises NotFound, Unavailable."""
    found = json.loads(artifacts.read(_key(row, generation, 0)))
    return ViewIndex(
        view=DocumentView.model_validate(found["view"]),
        begins=tuple((int(ordinal), int(start)) for ordinal, start in found["begins"]),
        pages=tuple(map(ViewedPage.model_validate, found["pages"])),
    )


def read_pages(
    artifacts: ObjectStore, row: DocumentRow, generation: int, index: ViewIndex, first_file: int
) -> Iterator[ViewedPage]:
    """Yield stretches from a file on, each file read when it is wanted. Raises NotFound, Unavailable."""
    for number in range(first_file, len(index.begins)):
        if number == 0:
            yield from index.pages
        else:
            body = artifacts.read(_key(row, generation, number))
            yield from map(ViewedPage.model_validate, json.loads(body))


def _files(pages: Iterable[ViewedPage]) -> Iterator[list[tuple[ViewedPage, str]]]:
    """Yield the stretches of each file with what is written of them."""
    file: list[tuple[ViewedPage, str]] = []
    size = 0
    for page in pages:
        body = page.model_dump_json(exclude_defaults=True)
        if file and size + len(body) > FILE_BYTES:
            yield file
            file, size = [], 0
        file.append((page, body))
        size += len(body)
    if file:
        yield file


def _array(bodies: Iterable[str]) -> bytes:
    return f"[{','.join(bodies)}]".encode()


def _key(row: DocumentRow, generation: int, number: int) -> str:
    return view_key(row, generation, f"{number:05d}" if number else "index")
