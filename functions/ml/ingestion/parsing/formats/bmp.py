"""BMP pictures, read by text recognition."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="bmp",
    title="BMP picture",
    extensions=("bmp", "dib"),
    media_type="image/bmp",
    reader="functions.ml.ingestion.parsing.readers.picture",
    signatures=(b"BM",),
)
