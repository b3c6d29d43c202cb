"""WebP pictures, read by text recognition."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="webp",
    title="WebP picture",
    extensions=("webp",),
    media_type="image/webp",
    reader="functions.ml.ingestion.parsing.readers.picture",
    signatures=(b"WEBPVP8",),
    signature_within=8,  # after "RIFF" and the length
)
