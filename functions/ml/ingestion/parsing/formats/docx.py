"""Word documents since 2007."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="docx",
    title="Word document",
    extensions=("docx", "docm", "dotx", "dotm"),
    media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    reader="functions.ml.ingestion.parsing.readers.docx",
    zip_types=("wordprocessingml", "ms-word"),
)
