"""Source code and configuration: text that is read as it stands."""

import re
from collections.abc import Iterator
from pathlib import Path

from functions.ml.ingestion.parsing.encodings import decode
from functions.ml.ingestion.parsing.format import Format
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.parsed import Block, ParsedDocument

# An empty line before one that is not indented parts functions, classes, sections and documents in most languages.
_TOP_LEVEL = re.compile(r"\n[ \t]*\n(?=[^\s)}\]])")

FORMAT = Format(
    name="code",
    title="source or configuration file",
    extensions=(
        "py", "go", "js", "jsx", "mjs", "ts", "tsx", "java", "kt", "scala", "groovy", "c", "h", "cc", "cpp", "hpp",
        "cs",        "swift", "m", "rs", "rb", "php", "pl", "lua", "r", "jl", "dart", "hs", "ex", "clj", "vb",
        "bas", "vbs",
        "sh", "bash", "zsh", "ps1", "bat", "cmd", "sql", "css", "scss", "vue", "svelte",
        "yaml", "yml", "toml", "ini", "cfg", "conf", "properties", "env", "tf", "proto", "graphql", "gradle", "cmake",
        "xsl", "xslt", "xsd", "dtd", "diff", "patch", "ics", "vcf",
    ),
    media_type="text/plain",
    reader=__name__,
    is_text=True,
)  # fmt: skip


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a source file of any encoding.

    Raises:
        Invalid: the content is not text (`unreadable`).
    """
    del limits  # a source file has no pages
    return ParsedDocument(tuple(code_blocks(decode(path.read_bytes()))), pages=1, unit="section")


def code_blocks(text: str) -> Iterator[Block]:
    """Yield the parts of a source that begin at its left edge after an empty line, indentation kept."""
    for part in _TOP_LEVEL.split(text):
        if part.strip():
            yield Block("code", part.strip("\n").rstrip())
