"""PDF files."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="pdf",
    title="PDF",
    extensions=("pdf",),
    media_type="application/pdf",
    reader="functions.ml.ingestion.parsing.readers.pdf",
    signatures=(b"%PDF-",),
    signature_within=1024,
)
