"""Electronic books."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="epub",
    title="EPUB book",
    extensions=("epub",),
    media_type="application/epub+zip",
    reader="functions.ml.ingestion.parsing.readers.epub",
    zip_types=("application/epub+zip",),
    allows_dtd=True,
)
