"""JPEG pictures, read by text recognition."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="jpeg",
    title="JPEG picture",
    extensions=("jpg", "jpeg", "jpe", "jfif"),
    media_type="image/jpeg",
    reader="functions.ml.ingestion.parsing.readers.picture",
    signatures=(b"\xff\xd8\xff",),
)
