"""A page of a PDF as pixels."""

from pathlib import Path

import pypdfium2
from PIL import Image

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.limits import ParserLimits

_POINTS_PER_INCH = 72


def draw(path: Path, limits: ParserLimits, page: int) -> Image.Image:
    """Draw one page as a person sees it, at `limits.drawn_dpi`, at most `limits.drawn_pixels` large.

    Raises:
        Invalid: the page cannot be drawn (`unreadable`).
    """
    try:
        sheet = pypdfium2.PdfDocument(path)[page - 1]
        width, height = sheet.get_size()
        largest = (limits.drawn_pixels / max(width * height, 1.0)) ** 0.5
        scale = min(limits.drawn_dpi / _POINTS_PER_INCH, largest)
        drawn: Image.Image = sheet.render(scale=scale, rev_byteorder=True).to_pil()
    except (pypdfium2.PdfiumError, IndexError, ValueError) as error:
        raise refusals.unreadable(f"Page {page} of the PDF cannot be drawn.") from error
    return drawn.convert("RGB")
