"""Drawing and recognising for tests: a page of `LineParser` that begins with SCAN is a picture of its other lines."""

from pathlib import Path

from functions.ml.recognised import RECOGNISER, PagePicture, RecognisedLine, RecognisedPage
from shared.kernel.errors import Invalid
from tests.fakes.parser import PAGE_BREAK, SCANNED


class TextDrawer:
    """The PageDrawer port: the pixels of a page are its bytes."""

    def __call__(self, path: Path, *, filename: str, page: int) -> PagePicture:
        """Draw, or refuse a page of the word DAMAGED."""
        drawn = path.read_bytes().decode().split(PAGE_BREAK)[page - 1].removeprefix(SCANNED).strip()
        if drawn == "DAMAGED":
            raise Invalid("The page is damaged.", code="unreadable")
        return PagePicture(len(drawn), 1, drawn.encode())


class TextRecogniser:
    """The Recogniser port over such pixels; keeps what it read."""

    name = RECOGNISER

    def __init__(self) -> None:
        self.read: list[str] = []

    def __call__(self, picture: PagePicture) -> RecognisedPage:
        """Read."""
        text = picture.pixels.decode()
        self.read.append(text)
        lines = enumerate(line for line in text.splitlines() if line.strip())
        return RecognisedPage(
            tuple(RecognisedLine(line, 0.1, 0.1 + 0.1 * at, 0.9, 0.12 + 0.1 * at, 0.99) for at, line in lines)
        )
