"""The container of Office files since 2007: parts of XML in an archive, tied together by relationships."""

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
R = f"{{{OFFICE}}}"
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_DUBLIN_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_STRICT = b"http://purl.oclc.org/ooxml/"
# Most specific first. Source: ISO/IEC 29500-1 and -4, the namespaces of the Strict and the Transitional variant.
_TRANSITIONAL = (
    (b"officeDocument/", b"http://schemas.openxmlformats.org/officeDocument/2006/"),
    (b"wordprocessingml/", b"http://schemas.openxmlformats.org/wordprocessingml/2006/"),
    (b"spreadsheetml/", b"http://schemas.openxmlformats.org/spreadsheetml/2006/"),
    (b"presentationml/", b"http://schemas.openxmlformats.org/presentationml/2006/"),
    (b"drawingml/", b"http://schemas.openxmlformats.org/drawingml/2006/"),
)
# What a broken part or archive makes the libraries raise.
DAMAGE = (
    etree.LxmlError, zipfile.BadZipFile, KeyError, AttributeError, ValueError, TypeError, IndexError, EOFError,
    NotImplementedError, OSError, RecursionError,
)  # fmt: skip


class Link(NamedTuple):
    """A relationship of a part: its type without the namespace, and the part or address that it leads to."""

    type: str
    target: str


class Package:
    """An open Office file; parts are read when they are asked for."""

    def __init__(self, path: Path) -> None:
        """Open the archive.

        Raises:
            BadZipFile: it is none.
        """
        self._archive = zipfile.ZipFile(path)
        self._names = {name.lower(): name for name in self._archive.namelist()}
        self._links: dict[str, dict[str, Link]] = {}

    def close(self) -> None:
        """Close the archive; `contextlib.closing` calls it."""
        self._archive.close()

    def has(self, part: str) -> bool:
        """Tell whether a part is in the file; case does not count."""
        return part.lower() in self._names

    def content(self, part: str) -> bytes:
        """Return the bytes of a part, in the Transitional variant.

        Raises:
            KeyError: there is no such part.
        """
        return transitional(self._archive.read(self._names[part.lower()]))

    def xml(self, part: str) -> Any:
        """Return the root element of a part.

        Raises:
            KeyError: there is no such part.
            LxmlError: it is no XML.
        """
        return root_of(self.content(part))

    def links(self, part: str) -> dict[str, Link]:
        """Return the relationships of a part by their id; the empty name stands for the whole file."""
        if part not in self._links:
            self._links[part] = dict(self._read_links(part))
        return self._links[part]

    def target(self, part: str, kind: str) -> str:
        """Return the first part in the file that a part is related to in a way, empty where there is none."""
        return next(iter(self.targets(part, kind)), "")

    def targets(self, part: str, kind: str) -> list[str]:
        """Return all parts in the file that a part is related to in a way."""
        return [link.target for link in self.links(part).values() if link.type == kind and self.has(link.target)]

    def title(self) -> str:
        """Return the title from the properties."""
        part = self.target("", "core-properties")
        found = self.xml(part).find(_DUBLIN_TITLE) if part else None
        return (found.text or "") if found is not None else ""

    def _read_links(self, part: str) -> Iterator[tuple[str, Link]]:
        folder, name = posixpath.split(part)
        source = posixpath.join(folder, "_rels", f"{name}.rels")
        if not self.has(source):
            return
        for element in self.xml(source).iter(_RELATIONSHIP):
            target, kind = element.get("Target", ""), element.get("Type", "").rpartition("/")[2]
            if element.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            yield element.get("Id", ""), Link(kind, target)


def transitional(content: bytes) -> bytes:
    """Return XML with the namespaces of the Strict variant replaced by the ones that programs usually write."""
    if _STRICT not in content:
        return content
    for strict, usual in _TRANSITIONAL:
        content = content.replace(_STRICT + strict, usual)
    return content


def root_of(content: bytes) -> Any:
    """Return the root element of XML; nothing outside of it is looked up.

    Raises:
        LxmlError: it is no XML, nested deeper than 256 or holds a text over 10 MB.
    """
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
