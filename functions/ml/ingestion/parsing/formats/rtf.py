"""Rich text."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="rtf",
    title="rich text document",
    extensions=("rtf",),
    media_type="application/rtf",
    reader="functions.ml.ingestion.parsing.readers.rtf",
    signatures=(b"{\\rtf",),
)
