"""The sets of real documents and what is expected of each file."""

import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.document_measures import Piece
from benchmarks.markdown_pieces import markdown_pieces

SETS = ("docs_docling", "docs_samples", "docs_unstructured")
_SAME_TYPE = {"htm": "html", "xlsm": "xlsx", "asciidoc": "adoc", "jpg": "image", "png": "image"}
_TEXT_NAMESPACE = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_FORM = "{urn:oasis:names:tc:opendocument:xmlns:form:1.0}form"
_FILLER = re.compile(r"\\(?:blind(?:text|document)|lipsum|tableofcontents|includepdf|TextField)")
_TEX_HEADING = re.compile(r"\\(?:part|chapter|(?:sub)*section)\*?\{(.*)\}")
_TEX_NO_TEXT = re.compile(
    r"(?<!\\)%.*|\\(?:begin|end|includegraphics)(?:\[[^\]]*\])?\{[^}]*\}(?:\[[^\]]*\])?|\\centering"
)
_MANY_FORMATS = "language-docs/eng_spa_mult"


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """A file of a set.

    Attributes:
        name: the set and the file in it.
        type: as the manifest names it, spellings of one type merged.
        path: where it is.
        expected: what a good parser makes of it; None when nobody knows.
    """

    name: str
    type: str
    path: Path
    expected: tuple[Piece, ...] | None


def document_files(data: Path, types: frozenset[str] = frozenset()) -> Iterator[DocumentFile]:
    """Yield the files of all sets, those of some types only when any are named.

    Args:
        data: the folder of the sets.
        types: names of types, for instance `pdf`.
    """
    for name in SETS:
        folder = data / name
        for entry in map(json.loads, (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()):
            kind = _SAME_TYPE.get(entry["type"], entry["type"])
            if types and kind not in types:
                continue
            path = folder / entry["path"]
            expected = folder / entry["expected"] if "expected" in entry else None
            pieces = markdown_pieces(expected.read_text(encoding="utf-8")) if expected else source_pieces(path)
            yield DocumentFile(f"{name}/{entry['_id']}", kind, path, None if pieces is None else tuple(pieces))


def source_pieces(path: Path) -> list[Piece] | None:
    """Return the text of the source that a file was made from, where the source says it all.

    That is the LaTeX or ODT file beside a PDF, unless it calls for filler text, holds a form (whose labels are
    elsewhere) or is protected,
    and the plain text among the formats of the one text that Unstructured keeps in fourteen.
    """
    if _MANY_FORMATS in path.as_posix() and path.suffix != ".txt":
        return markdown_pieces(path.with_suffix(".txt").read_text(encoding="utf-8"))
    if path.suffix != ".pdf":
        return None
    beside = [found for found in path.parent.iterdir() if found != path]
    sources = [found for found in beside if found.suffix in {".tex", ".odt"}]
    if len(sources) != 1 or len(beside) != 1 or "password" in path.parent.name:
        return None
    return _tex_pieces(sources[0]) if sources[0].suffix == ".tex" else _odt_pieces(sources[0])


def _tex_pieces(path: Path) -> list[Piece] | None:
    source = path.read_text(encoding="utf-8")
    if _FILLER.search(source):
        return None
    body = source.partition(r"\begin{document}")[2].partition(r"\end{document}")[0]
    pieces: list[Piece] = []
    for paragraph in body.split("\n\n"):
        for line in _TEX_NO_TEXT.sub(" ", paragraph).splitlines():
            heading = _TEX_HEADING.search(line)
            pieces.append(Piece("heading", heading[1]) if heading else Piece("text", line))
    return pieces


def _odt_pieces(path: Path) -> list[Piece] | None:
    with zipfile.ZipFile(path) as archive:
        root = ElementTree.fromstring(archive.read("content.xml"))
    if root.find(f".//{_FORM}") is not None:
        return None
    tags = {f"{_TEXT_NAMESPACE}p", f"{_TEXT_NAMESPACE}h"}
    return [
        Piece("heading" if element.tag.endswith("}h") else "text", "".join(element.itertext()))
        for element in root.iter()
        if element.tag in tags
    ]
