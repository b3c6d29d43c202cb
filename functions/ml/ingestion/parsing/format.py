"""What a format declares about itself, and the list of all of them."""

import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import cast

from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.parsed import ParsedDocument

ParseFormat = Callable[[Path, ParserLimits], ParsedDocument]
_FORMATS = "functions.ml.ingestion.parsing.formats"


@dataclass(frozen=True, slots=True)
class Format:
    """One format. Its module in `formats/` holds it under the name `FORMAT`; that alone makes it known.

    Attributes:
        name: of the module, unique.
        title: as people call it, singular: "Word document".
        extensions: lower case, no dot, the usual one first; an empty one stands for names without.
        media_type: of the usual extension.
        reader: the module that holds `parse(path, limits) -> ParsedDocument`; the declaring module itself where no
            library is needed. It is imported when the first file comes.
        is_text: any text may be this, so the name decides.
        signatures: bytes, one of which such a file begins with.
        signature_within: how far from the start a signature may stand, in bytes.
        zip_types: content of the archive's `mimetype` entry, or family of the main part in `[Content_Types].xml`.
        allows_dtd: the XML inside the archive may name a document type, which no reader ever follows.
        ole_streams: a stream that only such a compound file has.
    """

    name: str
    title: str
    extensions: tuple[str, ...]
    media_type: str
    reader: str
    is_text: bool = False
    signatures: tuple[bytes, ...] = ()
    signature_within: int = 0
    zip_types: tuple[str, ...] = ()
    allows_dtd: bool = False
    ole_streams: tuple[str, ...] = ()

    @property
    def parse(self) -> ParseFormat:
        """Return the function that reads it, importing its library now."""
        return cast("ParseFormat", import_module(self.reader).parse)


@cache
def formats() -> Mapping[str, Format]:
    """Return every format by its name; importing the declarations loads no library."""
    package = import_module(_FORMATS)
    found = [import_module(f"{_FORMATS}.{module.name}").FORMAT for module in pkgutil.iter_modules(package.__path__)]
    return {item.name: item for item in found}


@cache
def by_extension() -> Mapping[str, Format]:
    """Return the format of each extension."""
    return {extension: item for item in formats().values() for extension in item.extensions}
