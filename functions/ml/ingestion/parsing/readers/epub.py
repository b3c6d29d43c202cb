"""Books: the chapters in the order of the spine, each through the reader of web pages."""

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.encodings import decode
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers.html import parse_html
from functions.ml.ingestion.parsing.tables import clean
from functions.ml.ingestion.parsing.xml_trees import local_name, xml_root
from functions.ml.parsed import Block, ParsedDocument
from shared.kernel.errors import Rejected

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
# Obfuscated fonts are no protection: publishers do that to books anybody may read.
_FONT_ALGORITHMS = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"})
_PAGES = frozenset({"application/xhtml+xml", "text/html", "text/x-oeb1-document"})


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a book; its table of contents is left out, because every chapter has its heading.

    Raises:
        Invalid: damaged (`unreadable`) or protected against copying (`password_protected`).
    """
    del limits  # the guard of archives has counted what the book unfolds to
    try:
        with zipfile.ZipFile(path) as archive:
            if _is_protected(archive):
                raise refusals.password_protected()
            return _read(archive)
    except (zipfile.BadZipFile, KeyError, OSError, NotImplementedError, RuntimeError) as error:
        raise refusals.unreadable("The book is damaged: parts that it lists are missing.") from error


def _is_protected(archive: zipfile.ZipFile) -> bool:
    if _ENCRYPTION not in archive.namelist():
        return False
    methods = [item for item in xml_root(archive.read(_ENCRYPTION)).iter() if local_name(item) == "EncryptionMethod"]
    return any(method.get("Algorithm") not in _FONT_ALGORITHMS for method in methods)


def _read(archive: zipfile.ZipFile) -> ParsedDocument:
    package_path = _package_path(archive)
    package = _Package.of(xml_root(archive.read(package_path), mends=True))
    blocks = [Block("paragraph", f"Author: {package.author}")] if package.author else []
    warnings = []
    tables = 0
    for href in package.chapters:
        name = posixpath.normpath(posixpath.join(posixpath.dirname(package_path), unquote(href)))
        try:
            found = parse_html(decode(archive.read(name), declared=True)).blocks
        except (KeyError, Rejected):
            warnings.append(f"The chapter {name} is missing or damaged and was left out.")
            continue
        blocks += [replace(block, table=block.table + tables if block.table >= 0 else -1) for block in found]
        tables += 1 + max((block.table for block in found), default=-1)
    title = [Block("heading", package.title, level=1)] if package.title and not _is_said(package.title, blocks) else []
    return ParsedDocument(
        (*title, *blocks), pages=1, unit="section", title=package.title, warnings=tuple(warnings[:20])
    )


def _package_path(archive: zipfile.ZipFile) -> str:
    for element in xml_root(archive.read(_CONTAINER), mends=True).iter():
        if local_name(element) == "rootfile" and element.get("full-path"):
            return str(element.get("full-path"))
    raise refusals.unreadable("The book is damaged: it does not say what it consists of.")


def _is_said(title: str, blocks: list[Block]) -> bool:
    return any(block.kind == "heading" and block.text == title for block in blocks[:20])


@dataclass(frozen=True, slots=True)
class _Package:
    """What a book says of itself: title, authors, and the files of its chapters in reading order."""

    title: str
    author: str
    chapters: tuple[str, ...]

    @classmethod
    def of(cls, root: Any) -> "_Package":
        elements = [(local_name(element), element) for element in root.iter()]
        items = {element.get("id"): element for name, element in elements if name == "item"}
        spine = [items.get(element.get("idref")) for name, element in elements if name == "itemref"]
        return cls(
            title=next(_texts(elements, "title"), ""),
            author=", ".join(dict.fromkeys(_texts(elements, "creator"))),
            chapters=tuple(
                item.get("href", "") for item in spine if item is not None and _is_chapter(item) and item.get("href")
            ),
        )


def _texts(elements: list[tuple[str, Any]], wanted: str) -> Iterator[str]:
    for name, element in elements:
        if name == wanted and (text := clean(element.text or "")):
            yield text


def _is_chapter(item: Any) -> bool:
    return item.get("media-type", "") in _PAGES and "nav" not in (item.get("properties") or "").split()
