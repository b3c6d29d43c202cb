"""A document as it was read, to be drawn without its file: shared by both APIs and by what is kept in storage."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.contracts.boxes import Box
from shared.contracts.documents import Unit

MAX_VIEWED_PAGES = 100
ViewedKind = Literal["heading", "paragraph", "list_item", "table", "code", "caption", "note"]


class Viewed(BaseModel):
    """The base of what is viewed: immutable; fields of a newer version are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True, allow_inf_nan=False)


class ViewedRow(Viewed):
    """A row of a table.

    Attributes:
        row: its number from 1 in the sheet or table; None where nobody counted.
        start: first character in the document's extracted text, in which a row names its header before each value.
        end: one past the last.
        boxes: where it stands on its page, `start` of each counted in the document's text.
    """

    cells: tuple[str, ...]
    row: int | None = None
    start: int
    end: int
    boxes: tuple[Box, ...] = ()


class ViewedBlock(Viewed):
    """One unit of structure: a table with its rows, or text.

    Attributes:
        text: as a person would read it, and exactly the document's text from `start` to `end`; empty for a table.
        level: depth of a heading, from 1; 0 otherwise.
        start: first character in the document's extracted text: places of citations count in the same.
        end: one past the last.
        boxes: where it stands on its pages, `start` of each counted in the document's text.
        header: of a table; empty where it has none.
        rows: of a table, those that stand in this stretch.
    """

    kind: ViewedKind
    text: str = ""
    level: int = 0
    start: int
    end: int
    boxes: tuple[Box, ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[ViewedRow, ...] = ()


class ViewedPage(Viewed):
    """A page, slide or sheet, or a stretch of it where it is long; a stretch of text where there are no pages.

    Attributes:
        ordinal: from 0 without gaps.
        page: number from 1; None where the format has none.
        sheet: its name.
        member: path of the file inside a container that this is from.
        start: first character in the document's extracted text.
        end: one past the last.
        continues: it goes on where the stretch before ended: the same page.
    """

    ordinal: int
    unit: Unit
    page: int | None = None
    sheet: str | None = None
    member: str = ""
    start: int
    end: int
    continues: bool = False
    blocks: tuple[ViewedBlock, ...] = ()


class DocumentView(Viewed):
    """What is known of the whole.

    Attributes:
        unit: what a page is.
        pages: how many pages, slides or sheets; 1 for formats without.
        characters: of the document's extracted text.
        stretches: how many there are to view.
        is_whole: every block can be viewed; of a very long document only the first part is kept.
    """

    title: str = ""
    unit: Unit
    pages: int
    characters: int
    stretches: int
    is_whole: bool = True
