"""Where a passage is from, in words: the document, the file inside it, the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.cli.output import one_line

if TYPE_CHECKING:
    from shared.contracts.documents import Place


def source_name(filename: str, place: Place) -> str:
    """Return the document's name, and for a passage of an archive or a mail the file in it after a `>`."""
    name = one_line(filename)
    return f"{name} > {one_line(place.member)}" if place.member else name


def place_text(place: Place, page: int | None) -> str:
    """Return `page 3`, `slide 2` or `sheet "Prices"`; empty for a document without pages."""
    if page is None:
        return ""
    unit = place.unit if place.unit != "section" else "page"
    return f'{unit} "{one_line(place.sheet)}"' if place.sheet else f"{unit} {page}"


def member_field(place: Place) -> dict[str, str]:
    """Return the field that tells the file inside an archive or a mail, nothing for any other document."""
    return {"member": place.member} if place.member else {}
