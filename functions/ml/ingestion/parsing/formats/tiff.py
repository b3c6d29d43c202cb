"""TIFF pictures, read by text recognition."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="tiff",
    title="TIFF picture",
    extensions=("tif", "tiff"),
    media_type="image/tiff",
    reader="functions.ml.ingestion.parsing.readers.picture",
    signatures=(b"II*\x00", b"MM\x00*"),
)
