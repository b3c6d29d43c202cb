"""Pictures: how many pages they have, and each page as pixels. Their text is for text recognition to find."""

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageOps

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.parsed import ParsedDocument

_KINDS = ("PNG", "JPEG", "TIFF", "GIF", "BMP", "DIB", "WEBP")
_PAGED = "TIFF"
_TRANSPARENT = frozenset({"LA", "PA", "RGBA", "RGBa", "La"})


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Count the pages of a picture: the pictures of a TIFF, one for everything else (of an animation the first).

    Raises:
        Invalid: the file is damaged (`unreadable`).
        TooLarge: more pictures than pages are allowed (`too_many_pages`), or too large a one (`too_many_pixels`).
    """
    with _opened(path, limits) as picture:
        frames = getattr(picture, "n_frames", 1)
        pages = frames if picture.format == _PAGED else 1
        if pages > limits.pages:
            raise refusals.too_many_pages(pages, limits.pages, "picture")
        picture.load()
    notes = ("Only the first picture of the animation is read.",) if frames > pages else ()
    return ParsedDocument((), pages, "page", warnings=notes, unread_pages=tuple(range(1, pages + 1)))


def draw(path: Path, limits: ParserLimits, page: int) -> Image.Image:
    """Return one page upright by its EXIF orientation, on white, in RGB, at most `limits.drawn_pixels` large.

    Raises:
        Invalid: the file is damaged (`unreadable`).
        TooLarge: the picture is too large (`too_many_pixels`).
    """
    with _opened(path, limits) as picture:
        if picture.format == _PAGED:
            picture.seek(page - 1)
            _check_size(picture, limits)
        picture.draft("RGB", shrunk(picture.size, limits.drawn_pixels))  # a JPEG is then decoded at a smaller size
        shown = _on_white(picture)
        shown.thumbnail(shrunk(shown.size, limits.drawn_pixels))
        return ImageOps.exif_transpose(shown)


def shrunk(size: tuple[int, int], most_pixels: int) -> tuple[int, int]:
    """Return the size at which a picture has at most so many pixels, of the same shape and no larger."""
    width, height = size
    factor = min(1.0, (most_pixels / (width * height)) ** 0.5)
    return max(1, int(width * factor)), max(1, int(height * factor))


def _on_white(picture: Image.Image) -> Image.Image:
    exif = picture.getexif()
    if picture.mode in _TRANSPARENT or "transparency" in picture.info:
        above = picture.convert("RGBA")
        shown = Image.new("RGB", above.size, "white")
        shown.paste(above, mask=above.getchannel("A"))
    elif picture.mode.startswith("I;16"):
        shown = picture.point(lambda value: value / 256).convert("L").convert("RGB")
    else:
        shown = picture.convert("RGB")
    shown.info["exif"] = exif.tobytes()
    return shown


@contextmanager
def _opened(path: Path, limits: ParserLimits) -> Iterator[Image.Image]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=_KINDS) as picture:
                _check_size(picture, limits)
                yield picture
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise refusals.too_many_pixels(limits.picture_pixels) from error
    except (OSError, EOFError, SyntaxError, ValueError, TypeError, KeyError, IndexError, struct.error) as error:
        raise refusals.unreadable("The picture is damaged and cannot be opened.") from error


def _check_size(picture: Image.Image, limits: ParserLimits) -> None:
    if picture.width * picture.height > limits.picture_pixels:
        raise refusals.too_many_pixels(limits.picture_pixels)
