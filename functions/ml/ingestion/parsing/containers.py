"""Files inside files: the members of an archive or a message, each read as if it had come alone, in one budget."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.memory_files import as_file
from functions.ml.parsed import Block, ParsedDocument
from shared.kernel.errors import Rejected

PATH_SEPARATOR = " > "
_DEEPEST = 3
_MOST_WARNINGS = 20
_NO_PAGES = "section"
_REASONS = {
    "unsupported_type": "files of its type cannot be read",
    "empty_file": "it is empty",
    "password_protected": "it is protected with a password",
    "no_text": "there is no text in it",
    "unreadable": "it is damaged",
    "too_many_pages": "with its pages the file would have more than one document may have",
    "too_deep": "it lies too deep inside other files",
    "zip_bomb": "it unfolds to far more data than a document should hold",
}


@dataclass(slots=True)
class Budget:
    """What a container may still unfold to, together with all containers inside it.

    Attributes:
        unzipped_bytes: bytes left.
        entries: files left.
        depth: containers that are open, this one included.
    """

    unzipped_bytes: int
    entries: int
    depth: int = 0

    def take(self, *, unzipped_bytes: int = 0, entries: int = 0) -> None:
        """Account for what came out. Raises TooLarge (`zip_bomb`) when it is more than what was left."""
        self.unzipped_bytes -= unzipped_bytes
        self.entries -= entries
        if self.unzipped_bytes < 0 or self.entries < 0:
            raise refusals.zip_bomb()


_OPEN: ContextVar[Budget | None] = ContextVar("open_container", default=None)


@contextmanager
def opened(limits: ParserLimits) -> Iterator[Budget]:
    """Open a container; those inside it share its budget.

    Raises:
        Invalid: it lies in more containers than anybody packs (`too_deep`, which the container around it reports).
    """
    budget = _OPEN.get() or Budget(limits.unzipped_bytes, limits.zip_entries)
    if budget.depth >= _DEEPEST:
        raise refusals.too_deep(_DEEPEST)
    budget.depth += 1
    token = _OPEN.set(budget)
    try:
        yield budget
    finally:
        _OPEN.reset(token)
        budget.depth -= 1


class Members:
    """Collects the members of one container as blocks and warnings.

    Attributes:
        blocks: in the order of the members, each under a heading of its own.
        refused: code of every member that could not be read.
    """

    def __init__(self, limits: ParserLimits, *, level: int = 1, tables: int = 0) -> None:
        """Start empty; `level` is that of the members' headings, `tables` the container's own tables."""
        self.blocks: list[Block] = []
        self.refused: list[str] = []
        self._limits = limits
        self._level = level
        self._tables = tables
        self._pages = 0
        self._warnings: list[str] = []

    def add(self, name: str, data: bytes) -> None:
        """Read a member from its bytes; the end of its name tells the type where the content does not.

        Raises:
            TooLarge: the budget of the containers is spent (`zip_bomb`).
        """
        self.add_read(name, lambda: self._parsed(name, data))

    def add_read(self, name: str, read: Callable[[], ParsedDocument]) -> None:
        """Take what `read` returns as a member; what cannot be read becomes a warning.

        Args:
            name: its path in the container.
            read: reads it; what it refuses or fails over concerns this member only.

        Raises:
            TooLarge: the budget of the containers is spent (`zip_bomb`).
        """
        try:
            parsed = read()
        except Rejected as error:
            budget = _OPEN.get()
            if budget is not None and min(budget.unzipped_bytes, budget.entries) < 0:
                raise
            self.leave_out(name, error.code)
            return
        except MemoryError:
            raise
        except Exception:
            self.leave_out(name, "unreadable")
            return
        self._take(name, parsed)

    def leave_out(self, name: str, code: str) -> None:
        """Warn that a member was not read, `code` being that of its refusal."""
        self.refused.append(code)
        self.warn(f"{name} was left out: {_REASONS.get(code, 'it cannot be read')}.")

    def warn(self, text: str) -> None:
        """Add a warning."""
        self._warnings.append(text)

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warnings; of very many the first, and how many more there are."""
        kept = self._warnings[:_MOST_WARNINGS]
        more = len(self._warnings) - len(kept)
        return (*kept, f"There are {more:,} more remarks of this kind.") if more else tuple(kept)

    def _parsed(self, name: str, data: bytes) -> ParsedDocument:
        from functions.ml.ingestion.parsing.files import parse_file  # noqa: PLC0415 - it reads containers in turn

        budget = _OPEN.get()
        left = budget.unzipped_bytes if budget else self._limits.unzipped_bytes
        limits = replace(self._limits, unzipped_bytes=left, pages=self._limits.pages - self._pages)
        if not data:
            raise refusals.empty_file()
        with as_file(data) as path:
            return parse_file(path, filename=name, limits=limits)

    def _take(self, name: str, parsed: ParsedDocument) -> None:
        self._warnings += [f"{name}: {warning}" for warning in parsed.warnings]
        if parsed.unread_pages:
            self.warn(
                f"{name}: {len(parsed.unread_pages):,} page(s) are pictures of text and were not read; "
                "upload the file by itself to have them read."
            )
        if not any(block.text.strip() for block in parsed.blocks):
            self.refused.append("no_text")
            return
        self._pages += parsed.pages if parsed.unit != _NO_PAGES else 0
        first = parsed.blocks[0]
        if not first.member:  # a container without a text of its own is named by the paths of its members
            heading = Block("heading", name, level=self._level, page=first.page, sheet=first.sheet, member=name)
            self.blocks.append(replace(heading, unit=first.unit or parsed.unit))
        self.blocks += [self._moved(block, name, parsed) for block in parsed.blocks]
        self._tables += 1 + max((block.table for block in parsed.blocks), default=-1)

    def _moved(self, block: Block, name: str, parsed: ParsedDocument) -> Block:
        return replace(
            block,
            level=block.level + self._level if block.level else 0,
            table=block.table + self._tables if block.table >= 0 else -1,
            member=PATH_SEPARATOR.join(filter(None, (name, block.member))),
            unit=block.unit or parsed.unit,
        )
