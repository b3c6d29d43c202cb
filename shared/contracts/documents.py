"""A passage's place in its source: shared by chunks, hits and citations."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.contracts.boxes import Box, boxes_between

Unit = Literal["page", "slide", "sheet", "section"]


class Place(BaseModel):
    """Where a passage stands in its document.

    Attributes:
        unit: what `page` counts: pages of a PDF, slides, sheets; `section` where there are none (page is None).
        page: counted from 1.
        page_end: the last page the passage touches, the same as `page` for most.
        page_turns: for every further page, its number and the first character of the passage that stands on it.
        sheet: the name of the sheet.
        row_start: first row of a table or sheet, counted from 1 in the sheet.
        row_end: last row, inclusive.
        heading_path: titles from the outermost heading to the nearest.
        start: first character in the document's extracted text (code points, from 0).
        end: one past the last character.
        member: path of the file inside a container (archive, message with attachments) that the passage is from.
        boxes: where the passage stands on its pages, to be highlighted; empty where the format has no pages.
        read_with: ordinals of the first and the last chunk of the document that are read together with this one when it
            answers, itself among them; they follow each other without a gap. None where it is read alone.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    unit: Unit = "section"
    page: int | None = None
    page_end: int | None = None
    page_turns: tuple[tuple[int, int], ...] = ()
    sheet: str | None = None
    row_start: int | None = None
    row_end: int | None = None
    heading_path: tuple[str, ...] = ()
    start: int = 0
    end: int = 0
    member: str = ""
    boxes: tuple[Box, ...] = ()
    read_with: tuple[int, int] | None = None

    def within(self, start: int, end: int) -> "Place":
        """Return the place of a part of the passage, with the pages that this part really stands on.

        Args:
            start: first character of the part, counted from the passage's own first.
            end: one past its last.
        """
        first, last = self.start + start, self.start + max(end, start + 1) - 1
        return self.model_copy(
            update={
                "page": self._page_at(first),
                "page_end": self._page_at(last),
                "page_turns": tuple(turn for turn in self.page_turns if first < turn[1] <= last),
                "start": first,
                "end": self.start + end,
                "boxes": boxes_between(self.boxes, first, last + 1),
                "read_with": None,
            }
        )

    def _page_at(self, character: int) -> int | None:
        page = self.page
        for number, begins in self.page_turns:
            if begins <= character:
                page = number
        return page
