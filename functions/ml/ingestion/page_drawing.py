"""Draw one page in the sandbox: the pixels of a hostile file are made where it can do no harm."""

from dataclasses import dataclass, field
from pathlib import Path

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.drawing import read_pixels
from functions.ml.ingestion.sandbox import SandboxedParser, read_document
from functions.ml.recognised import PagePicture

_DRAW = "functions.ml.ingestion.parsing.drawing:draw_page"


@dataclass(frozen=True, slots=True)
class SandboxedPageDrawer:
    """The `PageDrawer` port. It keeps no state and may be used by several threads."""

    sandbox: SandboxedParser = field(default_factory=lambda: SandboxedParser(parse=_DRAW))

    def __call__(self, path: Path, *, filename: str, page: int) -> PagePicture:
        """Draw one page; see the port.

        Raises:
            Invalid: the page cannot be drawn (`unreadable`).
            TooLarge: over a limit of pixels, memory or time (`too_many_pixels`, `parser_limit`).
        """
        message = self.sandbox.message(path, filename=filename, page=page)
        found = read_pixels(message)
        if found is None:
            read_document(message)
            raise refusals.unreadable(f"Page {page} cannot be drawn.")
        return PagePicture(*found)
