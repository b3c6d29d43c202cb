"""Large files come in parts: how they are cut, and when they are whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from shared.contracts.registry import DocumentRow
from shared.kernel.errors import Conflict

PART_BYTES = 8 * 1024 * 1024
"""Size of every part but the last; S3 takes none under 5 MiB.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
"""


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A part that the store has."""

    tag: str
    size_bytes: int


def sizes_of(size_bytes: int) -> dict[int, int]:
    """Return the size of each part by its number from 1; together they are the file."""
    total = max(1, ceil(size_bytes / PART_BYTES))
    return {number: min(PART_BYTES, size_bytes - (number - 1) * PART_BYTES) for number in range(1, total + 1)}


def whole(row: DocumentRow, stored: Mapping[int, StoredPart]) -> dict[int, str]:
    """Return the tags of all parts by number.

    Raises:
        Conflict: a part is missing or not of its size (`parts_missing`); the message names the first ones.
    """
    wanted = sizes_of(row.size_bytes)
    missing = [number for number, size in wanted.items() if number not in stored or stored[number].size_bytes != size]
    if missing:
        named = ", ".join(map(str, missing[:10]))
        raise Conflict(
            f"{len(missing)} of {len(wanted)} parts have not arrived as announced ({named}). Send them again.",
            code="parts_missing",
        )
    return {number: stored[number].tag for number in wanted}


def awaiting(row: DocumentRow) -> DocumentRow:
    """Return the row if its bytes are still to come.

    Raises:
        Conflict: they came, or the document is being deleted (`not_uploading`).
    """
    if row.status != "UPLOADING":
        raise Conflict(
            f"This document waits for no file; it is {row.status}. Announce a new upload.", code="not_uploading"
        )
    return row


def begun(row: DocumentRow) -> DocumentRow:
    """Return the row if its upload in parts has begun. Raises Conflict `upload_not_begun`, `not_uploading`."""
    if not awaiting(row).upload_id:
        raise Conflict("No upload in parts has begun for this document. Begin one first.", code="upload_not_begun")
    return row
