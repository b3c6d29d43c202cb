"""GIF pictures, read by text recognition."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="gif",
    title="GIF picture",
    extensions=("gif",),
    media_type="image/gif",
    reader="functions.ml.ingestion.parsing.readers.picture",
    signatures=(b"GIF87a", b"GIF89a"),
)
