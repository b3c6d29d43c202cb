"""PNG pictures, read by text recognition."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="png",
    title="PNG picture",
    extensions=("png",),
    media_type="image/png",
    reader="functions.ml.ingestion.parsing.readers.picture",
    signatures=(b"\x89PNG\r\n\x1a\n",),
)
