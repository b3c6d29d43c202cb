"""Archives of documents."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="zip",
    title="ZIP archive",
    extensions=("zip",),
    media_type="application/zip",
    reader="functions.ml.ingestion.parsing.readers.zip",
)
