"""A passage's place in its source: shared by chunks, hits and citations."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Unit = Literal["page", "slide", "sheet", "section"]


class Place(BaseModel):
    """Where a passage stands in its document.

    Attributes:
        unit: what `page` counts: pages of a PDF, slides, sheets; `section` where there are none (page is None).
        page: counted from 1.
        page_end: the last page the passage touches, the same as `page` for most.
        sheet: the name of the sheet.
        row_start: first row of a table or sheet, counted from 1 in the sheet.
        row_end: last row, inclusive.
        heading_path: titles from the outermost heading to the nearest.
        start: first character in the document's extracted text (code points, from 0).
        end: one past the last character.
    """

    model_config = ConfigDict(frozen=True)

    unit: Unit = "section"
    page: int | None = None
    page_end: int | None = None
    sheet: str | None = None
    row_start: int | None = None
    row_end: int | None = None
    heading_path: tuple[str, ...] = ()
    start: int = 0
    end: int = 0
