"""Rich text documents.

Read without a library: the one that is kept up (striprtf) gives text without tables, headings and notes.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers.docx import CHANGES, HIDDEN
from functions.ml.ingestion.parsing.readers.rtf_blocks import Blocks
from functions.ml.ingestion.parsing.readers.rtf_tokens import PAGES, Token, charset_encoding, page_encoding, tokens
from functions.ml.ingestion.parsing.tables import clean
from functions.ml.parsed import ParsedDocument

_DEEPEST = 2_000
_SIGNS = {
    "tab": "\t", "line": "\n", "lbr": "\n", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’",
    "ldblquote": "“", "rdblquote": "”", "bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " ", "nestcell": " ",
    "nestrow": " ", "softline": "\n", "column": "\n",
}  # fmt: skip
_SYMBOLS = {b"~": " ", b"_": "-", b"\n": "\n", b"\r": "\n", b"\t": "\t"}
_LEFT_OUT = frozenset({
    "colortbl", "filetbl", "pict", "header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf",
    "fldinst", "shprslt", "nonshppict", "listtable", "listoverridetable", "revtbl", "rsidtbl", "generator", "tc", "xe",
    "bkmkstart", "bkmkend", "themedata", "colorschememapping", "latentstyles", "datastore", "xmlnstbl", "objdata",
    "objclass", "nonesttables", "nesttableprops", "ftnsep", "ftnsepc", "aftnsep", "aftnsepc", "mmathPr", "sp",
    "private", "atnid", "atndate", "atntime", "atnref", "atrfstart", "atrfend", "fontemb", "falt", "panose", "keywords",
    "author", "operator", "company", "subject", "doccomm", "category", "manager", "hlinkbase", "comment",
})  # fmt: skip
# Destinations marked as new to old readers, that hold text all the same.
_ENTERED = frozenset(
    {"shpinst", "shptxt", "atnauthor", "annotation", "footnote", "listtext", "pntext", "do", "dptxbxtext"}
)
_CAPTURED = frozenset({"fonttbl", "stylesheet", "title", "listtext", "pntext", "footnote", "annotation", "atnauthor"})


@dataclass(frozen=True, slots=True)
class _State:
    """What holds in a group and is restored behind it."""

    target: str = "body"
    encoding: str = ""
    skips: int = 1
    hidden: bool = False
    deleted: bool = False


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse rich text; headers and footers are left out, hidden and deleted text with a warning.

    Raises:
        Invalid: nested deeper than any program writes (`unreadable`).
    """
    del limits  # rich text does not say where its pages end
    reader = _Reader()
    for token in tokens(path.read_bytes()):
        reader.take(token)
    reader.blocks.end()
    warnings = (*([HIDDEN] * reader.hidden), *([CHANGES] * reader.deleted))
    title = clean(reader.blocks.captured("title"))
    return ParsedDocument(tuple(reader.blocks.found), pages=1, unit="section", title=title, warnings=warnings)


class _Reader:
    """Follows groups, fonts and code pages, and hands text to the blocks."""

    def __init__(self) -> None:
        self.blocks = Blocks()
        self.hidden = False
        self.deleted = False
        self._states: list[_State] = []
        self._now = _State()
        self._page = "cp1252"
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._bytes = b""
        self._units: list[int] = []
        self._to_skip = 0
        self._is_starred = False

    def take(self, token: Token) -> None:
        """Follow one token."""
        if token.kind in {"byte", "text"}:
            self._characters(bytes.fromhex(token.content.decode()) if token.kind == "byte" else token.content)
            return
        if token.kind != "word" or token.content != b"u":
            self._flush()
        if token.kind == "open":
            self._open()
        elif token.kind == "close":
            self._close()
        elif token.kind == "symbol":
            self._symbol(token.content)
        else:
            self._word(token.content.decode("ascii"), token.number)

    def _characters(self, content: bytes) -> None:
        skipped = min(self._to_skip, len(content))
        self._to_skip -= skipped
        if content := content[skipped:]:
            self._flush_units()
            self._bytes += content

    def _flush(self) -> None:
        """Hand over what has come in, decoded: bytes of one sign may come in several tokens."""
        if self._bytes:
            encoding = self._now.encoding or self._page
            content, self._bytes = self._bytes, b""
            self._text(content.decode(encoding, errors="replace"))
        self._flush_units()

    def _flush_units(self) -> None:
        if self._units:
            units, self._units = self._units, []
            packed = b"".join(unit.to_bytes(2, "little") for unit in units)
            self._text(packed.decode("utf-16-le", errors="replace"))

    def _open(self) -> None:
        if len(self._states) > _DEEPEST:
            raise refusals.unreadable("The rich text is nested deeper than any program writes it.")
        self._states.append(self._now)
        self._to_skip = 0
        self._is_starred = False

    def _close(self) -> None:
        before = self._now
        self._to_skip = 0
        if self._states:
            self._now = self._states.pop()
        if before.target != self._now.target:
            self.blocks.leave(before.target)

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._is_starred = True
        elif self._to_skip:
            self._to_skip -= 1
        else:
            self._text(_SYMBOLS.get(symbol, symbol.decode("ascii", "ignore") if symbol in b"\\{}" else ""))

    def _word(self, word: str, number: int | None) -> None:
        starred, self._is_starred = self._is_starred, False
        if word == "u":
            self._unit(number or 0)
        elif word in _LEFT_OUT or (starred and word not in _ENTERED):
            self._now = replace(self._now, target="nowhere")
        elif self._now.target == "nowhere":
            if word == "shptxt":
                self._now = replace(self._now, target="body")
        elif word in _CAPTURED:
            self._now = replace(self._now, target=word)
            self.blocks.enter(word)
        elif word in _SIGNS:
            self._text(_SIGNS[word])
        elif not self._character_word(word, number):
            self.blocks.word(word, number, self._now.target)

    def _character_word(self, word: str, number: int | None) -> bool:
        """Follow what changes how characters are read or whether they are shown; tell whether it did."""
        now = self._now
        if word in {"v", "deleted"}:
            is_on = number != 0
            self._now = replace(now, hidden=is_on) if word == "v" else replace(now, deleted=is_on)
        elif word == "uc":
            self._now = replace(now, skips=min(max(number or 0, 0), 16))
        elif word == "plain":
            self._now = replace(now, hidden=False, deleted=False, encoding="")
        else:
            return self._encoding_word(word, number)
        return True

    def _encoding_word(self, word: str, number: int | None) -> bool:
        if word in PAGES or word == "ansicpg":
            self._page = PAGES.get(word) or page_encoding(number)
        elif word == "f":
            self._font = number or 0
            if self._now.target != "fonttbl":
                self._now = replace(self._now, encoding=self._fonts.get(self._font, ""))
        elif word == "fcharset":
            self._fonts[self._font] = charset_encoding(number)
        else:
            return False
        return True

    def _unit(self, number: int) -> None:
        """Take a UTF-16 unit, and pass over what stands for it for old readers."""
        if self._bytes:
            self._flush()
        self._units.append(number & 0xFFFF)
        self._to_skip = self._now.skips

    def _text(self, text: str) -> None:
        if self._now.target == "nowhere" or not text:
            return
        if self._now.hidden or self._now.deleted:
            self.hidden = self.hidden or self._now.hidden
            self.deleted = self.deleted or self._now.deleted
            return
        self.blocks.text(text, self._now.target)
