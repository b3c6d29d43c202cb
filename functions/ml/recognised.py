"""What text recognition makes of a page, and where it is kept. Pure.

A page is kept by the version of its source and by the model that read it, so that no retry, duplicate or new generation
recognises it twice.
"""

import json
from dataclasses import asdict, dataclass
from typing import Protocol

RECOGNISER = "pp-ocrv6-small-1"
"""The model in use and how pages are prepared for it; another name recognises every page again."""


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page as pixels.

    Attributes:
        pixels: red, green and blue, one byte each, row by row from the upper left corner.
    """

    width: int
    height: int
    pixels: bytes


@dataclass(frozen=True, slots=True)
class RecognisedLine:
    """One line of text as it stands on its page.

    Attributes:
        left, top, right, bottom: its box in shares of the page as it is shown, from the upper left corner.
        confidence: of the model, in [0, 1].
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float


@dataclass(frozen=True, slots=True)
class RecognisedPage:
    """One page.

    Attributes:
        lines: in no order.
        turned: by how many degrees clockwise the page must be turned to stand upright: 0, 90, 180 or 270. The boxes
            are those of the page as it is, turned or not.
        aspect: width of the page as it is shown, divided by its height.
        warning: why it could not be read, for people; empty when it was.
    """

    lines: tuple[RecognisedLine, ...] = ()
    turned: int = 0
    aspect: float = 1.0
    warning: str = ""


class Versioned(Protocol):
    """What names a version of a document: its row, or a message about it."""

    @property
    def tenant_id(self) -> str:
        """Whose it is."""

    @property
    def kb_id(self) -> str:
        """Where it is."""

    @property
    def document_id(self) -> str:
        """Which it is."""

    @property
    def version(self) -> str:
        """Its source's version."""


def recognised_prefix(row: Versioned) -> str:
    """Return the folder of all that was recognised of a document."""
    return f"recognised/{row.tenant_id}/{row.kb_id}/{row.document_id}/"


def version_prefix(row: Versioned, recogniser: str) -> str:
    """Return the folder of one model's pages of the row's version."""
    return f"{recognised_prefix(row)}{row.version}/{recogniser}/"


def page_key(row: Versioned, recogniser: str, page: int) -> str:
    """Return the key of one page of the row's version."""
    return f"{version_prefix(row, recogniser)}{page:05d}.json"


def dump_page(page: RecognisedPage) -> bytes:
    """Write a page."""
    return json.dumps(asdict(page), ensure_ascii=False).encode()


def load_page(body: bytes) -> RecognisedPage:
    """Read what `dump_page` wrote."""
    found = json.loads(body)
    lines = tuple(RecognisedLine(**line) for line in found.pop("lines"))
    return RecognisedPage(lines, **found)
