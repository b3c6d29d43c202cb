"""The container of OpenDocument files, with the styles that say what is hidden, a heading or a page's start."""

import posixpath
import re
import zipfile
from functools import cached_property
from pathlib import Path
from typing import Any

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.readers.opc import DAMAGE, root_of
from functions.ml.ingestion.parsing.tables import clean

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE, TEXT, TABLE, DRAW, STYLE, CHART, SHOW = (
    f"{{{_OASIS}{name}:1.0}}" for name in ("office", "text", "table", "drawing", "style", "chart", "presentation")
)
SVG, FO = f"{{{_OASIS}svg-compatible:1.0}}", f"{{{_OASIS}xsl-fo-compatible:1.0}}"
XLINK = "{http://www.w3.org/1999/xlink}href"
_DUBLIN = "{http://purl.org/dc/elements/1.1/}"
_META = f"{{{_OASIS}meta:1.0}}"
_MATH = "{http://www.w3.org/1998/Math/MathML}"
_MANIFEST = "META-INF/manifest.xml"
_EMBEDDED = frozenset({f"{OFFICE}document", f"{OFFICE}document-content", f"{_MATH}math"})
_LONGEST_CHAIN = 20
_PICTURE = re.compile(rb"<office:binary-data>[^<]*+</office:binary-data>")

__all__ = ["DAMAGE", "Odf"]


class Odf:
    """An open OpenDocument file."""

    def __init__(self, path: Path) -> None:
        """Open the archive.

        Raises:
            Invalid: the content is encrypted (`password_protected`).
            BadZipFile: it is no archive.
        """
        self._archive = zipfile.ZipFile(path)
        self._names = set(self._archive.namelist())
        if _MANIFEST in self._names and b":encryption-data" in self._archive.read(_MANIFEST):
            raise refusals.password_protected()
        self.content = self.xml("content.xml")

    def close(self) -> None:
        """Close the archive; `contextlib.closing` calls it."""
        self._archive.close()

    def xml(self, name: str) -> Any:
        """Return the root element of a file.

        Raises:
            KeyError: there is no such file.
            LxmlError: it is no XML.
        """
        return root_of(self._archive.read(name))

    def body(self, kind: str) -> Any:
        """Return the element of the body: `text`, `spreadsheet` or `presentation`.

        Raises:
            KeyError: the file is of another kind.
        """
        found = self.content.find(f"{OFFICE}body/{OFFICE}{kind}")
        if found is None:
            raise KeyError(kind)
        return found

    def embedded(self, frame: Any) -> Any:
        """Return the content of the object that a frame holds, a chart or a formula; None where there is none."""
        pointer = frame.find(f"{DRAW}object")
        target = posixpath.normpath(pointer.get(XLINK, "")) if pointer is not None else ""
        name = f"{target.lstrip('/')}/content.xml"
        return self.xml(name) if target and name in self._names else None

    @cached_property
    def meta(self) -> tuple[str, int]:
        """The title, and the pages that the program counted when it saved the file (0 when it did not say)."""
        root = self._meta_root()
        if root is None:
            return "", 0
        statistic = next(root.iter(f"{_META}document-statistic"), None)
        said = statistic.get(f"{_META}page-count", "") if statistic is not None else ""
        title = next(root.iter(f"{_DUBLIN}title"), None)
        return clean((title.text or "") if title is not None else ""), int(said) if said.isdigit() else 0

    def _meta_root(self) -> Any:
        return self.xml("meta.xml") if "meta.xml" in self._names else None

    @cached_property
    def styles(self) -> dict[tuple[str, str], Any]:
        """The styles by family and name, the ones of the content first."""
        return {(e.get(f"{STYLE}family", ""), e.get(f"{STYLE}name", "")): e for e in self._all_styles(f"{STYLE}style")}

    @cached_property
    def list_styles(self) -> dict[str, Any]:
        """The styles of lists by their name; the empty one is the numbering of headings."""
        found = {e.get(f"{STYLE}name", ""): e for e in self._all_styles(f"{TEXT}list-style")}
        outline = next(self._all_styles(f"{TEXT}outline-style"), None)
        return found if outline is None else {**found, "": outline}

    @cached_property
    def _common(self) -> Any:
        return self.xml("styles.xml") if "styles.xml" in self._names else None

    def _all_styles(self, tag: str) -> Any:
        for root in (self._common, self.content):
            for part in () if root is None else root:
                if part.tag != f"{OFFICE}body":  # objects inside it have styles of their own
                    yield from part.iter(tag)

    def slide_size(self) -> tuple[float, float]:
        """Return width and height of the slides in centimetres; zeros when unknown."""
        for layout in self._all_styles(f"{STYLE}page-layout-properties"):
            size = length(layout.get(f"{FO}page-width")), length(layout.get(f"{FO}page-height"))
            if all(size) and layout.getparent().get(f"{STYLE}name", "") in self._slide_layouts:
                return size
        return 0.0, 0.0

    @cached_property
    def _slide_layouts(self) -> set[str]:
        masters = {page.get(f"{DRAW}master-page-name") for page in self.content.iter(f"{DRAW}page")}
        return {
            master.get(f"{STYLE}page-layout-name", "")
            for master in self._all_styles(f"{STYLE}master-page")
            if master.get(f"{STYLE}name") in masters
        }

    def says(self, family: str, name: str, properties: str, attribute: str) -> str:
        """Return what a style, or one that it is based on, says; empty when none does."""
        for style in self.chain(family, name):
            for element in style.iter(f"{STYLE}{properties}"):
                if value := element.get(attribute):
                    return str(value)
        return ""

    def chain(self, family: str, name: str) -> list[Any]:
        """Return a style and those that it is based on."""
        found: list[Any] = []
        while (family, name) in self.styles and len(found) < _LONGEST_CHAIN:
            found.append(self.styles[family, name])
            name = found[-1].get(f"{STYLE}parent-style-name", "")
        return found


class FlatOdf(Odf):
    """An OpenDocument file that is one XML file: content, styles and metadata under one root."""

    def __init__(self, path: Path) -> None:
        """Read it, without the bytes of its pictures.

        Raises:
            LxmlError: it is no XML.
            KeyError: it is XML of another kind.
        """
        self._names = set()
        self.content = root_of(_PICTURE.sub(b"", path.read_bytes()))
        if self.content.tag != f"{OFFICE}document":
            raise KeyError(self.content.tag)

    def close(self) -> None:
        """Do nothing: nothing is open."""

    def embedded(self, frame: Any) -> Any:
        """Return the object that stands in the frame; see `Odf`."""
        held = frame.find(f"{DRAW}object")
        return next((part for part in (() if held is None else held) if part.tag in _EMBEDDED), None)

    def _meta_root(self) -> Any:
        return self.content.find(f"{OFFICE}meta")


def open_odf(path: Path) -> Odf:
    """Open either variant."""
    with path.open("rb") as stream:
        return Odf(path) if stream.read(2) == b"PK" else FlatOdf(path)


def length(text: str | None) -> float:
    """Return a length in centimetres; 0 for what is none."""
    units = {"cm": 1.0, "mm": 0.1, "in": 2.54, "pt": 2.54 / 72, "pc": 2.54 / 6, "px": 2.54 / 96}
    try:
        return float((text or "")[:-2]) * units.get((text or "")[-2:], 0.0)
    except ValueError:
        return 0.0


def formula_text(root: Any) -> str:
    """Return a formula as it was typed, or else its signs; empty for what is no formula."""
    if root is None or root.tag != f"{_MATH}math":
        return ""
    typed = next(root.iter(f"{_MATH}annotation"), None)
    return clean((typed.text or "") if typed is not None else " ".join(root.itertext()))


def comment_author(annotation: Any) -> str:
    """Return who wrote a comment."""
    return clean(annotation.findtext(f"{_DUBLIN}creator") or "")
